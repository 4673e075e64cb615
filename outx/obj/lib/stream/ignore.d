/work/w1/outx/obj/lib/stream/ignore.o: lib/stream/ignore.c lib/stream/ignore.h \
 lib/file/json.h lib/sys/fault.h lib/sys/die.h lib/sys/memory.h
lib/stream/ignore.h:
lib/file/json.h:
lib/sys/fault.h:
lib/sys/die.h:
lib/sys/memory.h:
