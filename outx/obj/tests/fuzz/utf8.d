/work/w1/outx/obj/tests/fuzz/utf8.o: tests/fuzz/utf8.c lib/file/utf8.h \
 tests/fuzz/fuzz.h
lib/file/utf8.h:
tests/fuzz/fuzz.h:
