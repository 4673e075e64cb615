/work/w1/outx/obj/lib/stream/records.o: lib/stream/records.c lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/sys/die.h lib/sys/memory.h
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/sys/die.h:
lib/sys/memory.h:
