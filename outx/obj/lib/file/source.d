/work/w1/outx/obj/lib/file/source.o: lib/file/source.c lib/file/source.h \
 lib/file/input.h lib/sys/memory.h
lib/file/source.h:
lib/file/input.h:
lib/sys/memory.h:
