/work/w1/outx/obj/lib/sys/signals.o: lib/sys/signals.c lib/sys/signals.h \
 lib/sys/die.h lib/sys/map.h lib/sys/fault.h lib/sys/temp.h
lib/sys/signals.h:
lib/sys/die.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/sys/temp.h:
