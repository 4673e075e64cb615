/work/w1/outx/obj/lib/sys/near.o: lib/sys/near.c lib/sys/near.h
lib/sys/near.h:
