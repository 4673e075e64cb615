/work/w1/outx/obj/lib/stream/kinds.o: lib/stream/kinds.c lib/stream/kinds.h \
 lib/sys/fault.h lib/stream/mp.h lib/stream/sums.h
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
