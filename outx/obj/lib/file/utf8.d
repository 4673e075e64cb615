/work/w1/outx/obj/lib/file/utf8.o: lib/file/utf8.c lib/file/utf8.h lib/sys/memory.h
lib/file/utf8.h:
lib/sys/memory.h:
