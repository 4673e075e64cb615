/work/w1/outx/obj/tests/fuzz/csv.o: tests/fuzz/csv.c lib/file/csv.h lib/sys/fault.h \
 lib/file/utf8.h tests/fuzz/fuzz.h
lib/file/csv.h:
lib/sys/fault.h:
lib/file/utf8.h:
tests/fuzz/fuzz.h:
