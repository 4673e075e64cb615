/work/w1/outx/obj/lib/file/tar.o: lib/file/tar.c lib/file/tar.h lib/file/input.h \
 lib/sys/die.h lib/sys/memory.h
lib/file/tar.h:
lib/file/input.h:
lib/sys/die.h:
lib/sys/memory.h:
