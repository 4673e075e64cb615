/work/w1/outx/obj/lib/file/unfilter.o: lib/file/unfilter.c lib/file/unfilter.h \
 lib/sys/die.h lib/sys/memory.h
lib/file/unfilter.h:
lib/sys/die.h:
lib/sys/memory.h:
