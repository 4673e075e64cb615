/work/w1/outx/obj/lib/stream/place.o: lib/stream/place.c lib/stream/place.h \
 lib/stream/kinds.h lib/sys/fault.h lib/sys/die.h lib/sys/memory.h \
 lib/sys/temp.h
lib/stream/place.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/temp.h:
