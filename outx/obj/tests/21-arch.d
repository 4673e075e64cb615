/work/w1/outx/obj/tests/21-arch.o: tests/21-arch.c lib/file/json.h lib/sys/fault.h \
 tests/golden.h lib/model/arch.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h
lib/file/json.h:
lib/sys/fault.h:
tests/golden.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
