/work/w1/outx/obj/lib/file/input.o: lib/file/input.c lib/file/input.h \
 lib/file/inputs.h lib/file/unfilter.h lib/sys/die.h lib/sys/io.h \
 lib/sys/memory.h lib/sys/steady.h
lib/file/input.h:
lib/file/inputs.h:
lib/file/unfilter.h:
lib/sys/die.h:
lib/sys/io.h:
lib/sys/memory.h:
lib/sys/steady.h:
