/work/w1/outx/obj/lib/sys/output.o: lib/sys/output.c lib/sys/output.h lib/sys/die.h \
 lib/sys/map.h lib/sys/fault.h lib/sys/memory.h lib/sys/signals.h \
 lib/sys/steady.h lib/sys/temp.h
lib/sys/output.h:
lib/sys/die.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/sys/memory.h:
lib/sys/signals.h:
lib/sys/steady.h:
lib/sys/temp.h:
