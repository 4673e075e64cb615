/work/w1/outx/obj/lib/stream/mp.o: lib/stream/mp.c lib/stream/mp.h
lib/stream/mp.h:
