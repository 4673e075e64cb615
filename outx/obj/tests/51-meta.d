/work/w1/outx/obj/tests/51-meta.o: tests/51-meta.c lib/stream/meta.h \
 lib/sys/fault.h
lib/stream/meta.h:
lib/sys/fault.h:
