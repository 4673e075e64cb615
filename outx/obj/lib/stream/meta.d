/work/w1/outx/obj/lib/stream/meta.o: lib/stream/meta.c lib/stream/meta.h \
 lib/sys/fault.h lib/file/json.h lib/sys/die.h lib/sys/memory.h
lib/stream/meta.h:
lib/sys/fault.h:
lib/file/json.h:
lib/sys/die.h:
lib/sys/memory.h:
