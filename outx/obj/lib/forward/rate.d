/work/w1/outx/obj/lib/forward/rate.o: lib/forward/rate.c lib/forward/rate.h \
 lib/ops.h lib/sys/die.h
lib/forward/rate.h:
lib/ops.h:
lib/sys/die.h:
