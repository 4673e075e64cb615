/work/w1/outx/obj/tests/fuzz/text_json.o: tests/fuzz/text_json.c lib/file/text.h \
 lib/sys/fault.h tests/fuzz/fuzz.h
lib/file/text.h:
lib/sys/fault.h:
tests/fuzz/fuzz.h:
