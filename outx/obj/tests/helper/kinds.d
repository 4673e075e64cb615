/work/w1/outx/obj/tests/helper/kinds.o: tests/helper/kinds.c lib/stream/kinds.h \
 lib/sys/fault.h
lib/stream/kinds.h:
lib/sys/fault.h:
