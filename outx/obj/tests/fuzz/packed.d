/work/w1/outx/obj/tests/fuzz/packed.o: tests/fuzz/packed.c lib/file/tar.h \
 tests/fuzz/fuzz.h
lib/file/tar.h:
tests/fuzz/fuzz.h:
