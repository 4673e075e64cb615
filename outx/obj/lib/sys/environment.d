/work/w1/outx/obj/lib/sys/environment.o: lib/sys/environment.c \
 lib/sys/environment.h lib/sys/die.h
lib/sys/environment.h:
lib/sys/die.h:
