/work/w1/outx/obj/tests/27-known.o: tests/27-known.c lib/cli/spelling.h \
 lib/sys/setting.h lib/model/arch.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/stream/sums.h \
 lib/model/known.h lib/stream/ignore.h
lib/cli/spelling.h:
lib/sys/setting.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/model/known.h:
lib/stream/ignore.h:
