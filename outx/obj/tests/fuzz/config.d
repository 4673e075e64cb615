/work/w1/outx/obj/tests/fuzz/config.o: tests/fuzz/config.c lib/export/config_drop.h \
 lib/sys/fault.h lib/file/json.h tests/fuzz/fuzz.h lib/model/arch.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h \
 lib/stream/sums.h
lib/export/config_drop.h:
lib/sys/fault.h:
lib/file/json.h:
tests/fuzz/fuzz.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
