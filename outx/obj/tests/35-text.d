/work/w1/outx/obj/tests/35-text.o: tests/35-text.c lib/file/text.h lib/sys/fault.h \
 lib/file/utf8.h
lib/file/text.h:
lib/sys/fault.h:
lib/file/utf8.h:
