/work/w1/outx/obj/lib/stream/sums.o: lib/stream/sums.c lib/stream/sums.h
lib/stream/sums.h:
