/work/w1/outx/obj/lib/sys/steady.o: lib/sys/steady.c lib/sys/steady.h lib/sys/die.h \
 lib/sys/io.h lib/sys/memory.h lib/sys/signals.h
lib/sys/steady.h:
lib/sys/die.h:
lib/sys/io.h:
lib/sys/memory.h:
lib/sys/signals.h:
