/work/w1/outx/obj/lib/sys/die.o: lib/sys/die.c lib/sys/die.h lib/sys/io.h
lib/sys/die.h:
lib/sys/io.h:
