/work/w1/outx/obj/lib/sys/version.o: lib/sys/version.c lib/sys/die.h
lib/sys/die.h:
