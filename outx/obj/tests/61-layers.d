/work/w1/outx/obj/tests/61-layers.o: tests/61-layers.c lib/angle/argmin.h \
 lib/angle/angle.h lib/stream/positions.h lib/sys/fault.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h \
 lib/stream/sums.h lib/cli/spelling.h lib/sys/setting.h \
 lib/model/layers.h
lib/angle/argmin.h:
lib/angle/angle.h:
lib/stream/positions.h:
lib/sys/fault.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/cli/spelling.h:
lib/sys/setting.h:
lib/model/layers.h:
