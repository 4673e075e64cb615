/work/w1/outx/obj/lib/stream/positions.o: lib/stream/positions.c \
 lib/stream/positions.h lib/sys/fault.h
lib/stream/positions.h:
lib/sys/fault.h:
