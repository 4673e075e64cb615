/work/w1/outx/obj/lib/philox.o: lib/philox.c lib/philox.h
lib/philox.h:
