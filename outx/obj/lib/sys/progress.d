/work/w1/outx/obj/lib/sys/progress.o: lib/sys/progress.c lib/sys/progress.h \
 lib/sys/die.h lib/sys/io.h
lib/sys/progress.h:
lib/sys/die.h:
lib/sys/io.h:
