/work/w1/outx/obj/tests/10-records.o: tests/10-records.c lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/sys/memory.h
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/sys/memory.h:
