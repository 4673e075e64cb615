/work/w1/outx/obj/lib/file/utf8_case.o: lib/file/utf8_case.c lib/file/utf8.h \
 lib/sys/memory.h
lib/file/utf8.h:
lib/sys/memory.h:
