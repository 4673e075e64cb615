/work/w1/outx/obj/tests/fuzz/split.o: tests/fuzz/split.c lib/file/utf8.h \
 tests/fuzz/fuzz.h lib/token/split.h lib/sys/fault.h
lib/file/utf8.h:
tests/fuzz/fuzz.h:
lib/token/split.h:
lib/sys/fault.h:
