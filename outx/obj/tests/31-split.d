/work/w1/outx/obj/tests/31-split.o: tests/31-split.c lib/file/utf8.h \
 lib/token/split.h lib/sys/fault.h
lib/file/utf8.h:
lib/token/split.h:
lib/sys/fault.h:
