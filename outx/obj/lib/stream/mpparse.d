/work/w1/outx/obj/lib/stream/mpparse.o: lib/stream/mpparse.c lib/file/utf8.h \
 lib/stream/mp.h lib/sys/die.h lib/sys/memory.h
lib/file/utf8.h:
lib/stream/mp.h:
lib/sys/die.h:
lib/sys/memory.h:
