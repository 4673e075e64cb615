/work/w1/outx/obj/tests/30-utf8.o: tests/30-utf8.c lib/file/proto.h lib/file/utf8.h
lib/file/proto.h:
lib/file/utf8.h:
