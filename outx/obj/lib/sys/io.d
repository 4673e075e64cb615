/work/w1/outx/obj/lib/sys/io.o: lib/sys/io.c lib/sys/io.h
lib/sys/io.h:
