/work/w1/outx/obj/lib/sys/map.o: lib/sys/map.c lib/sys/map.h lib/sys/fault.h \
 lib/sys/die.h lib/sys/memory.h
lib/sys/map.h:
lib/sys/fault.h:
lib/sys/die.h:
lib/sys/memory.h:
