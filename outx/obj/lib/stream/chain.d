/work/w1/outx/obj/lib/stream/chain.o: lib/stream/chain.c lib/stream/chain.h
lib/stream/chain.h:
