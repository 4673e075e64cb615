/work/w1/outx/obj/lib/sys/temp.o: lib/sys/temp.c lib/sys/temp.h lib/sys/die.h \
 lib/sys/memory.h
lib/sys/temp.h:
lib/sys/die.h:
lib/sys/memory.h:
