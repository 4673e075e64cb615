/work/w1/outx/obj/lib/sys/crew.o: lib/sys/crew.c lib/sys/crew.h lib/sys/die.h \
 lib/sys/memory.h
lib/sys/crew.h:
lib/sys/die.h:
lib/sys/memory.h:
