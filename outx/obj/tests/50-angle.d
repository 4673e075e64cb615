/work/w1/outx/obj/tests/50-angle.o: tests/50-angle.c lib/angle/angle.h \
 lib/stream/positions.h lib/sys/fault.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h \
 lib/angle/argmin.h lib/angle/resample.h lib/sys/memory.h tests/golden.h
lib/angle/angle.h:
lib/stream/positions.h:
lib/sys/fault.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/angle/argmin.h:
lib/angle/resample.h:
lib/sys/memory.h:
tests/golden.h:
