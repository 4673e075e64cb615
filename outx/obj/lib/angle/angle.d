/work/w1/outx/obj/lib/angle/angle.o: lib/angle/angle.c lib/angle/angle.h \
 lib/stream/positions.h lib/sys/fault.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h \
 lib/angle/gram.h lib/angle/resample.h lib/sys/memory.h
lib/angle/angle.h:
lib/stream/positions.h:
lib/sys/fault.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/angle/gram.h:
lib/angle/resample.h:
lib/sys/memory.h:
