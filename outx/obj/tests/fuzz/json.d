/work/w1/outx/obj/tests/fuzz/json.o: tests/fuzz/json.c lib/file/json.h \
 lib/sys/fault.h tests/fuzz/fuzz.h
lib/file/json.h:
lib/sys/fault.h:
tests/fuzz/fuzz.h:
