/work/w1/outx/obj/tests/11-mp.o: tests/11-mp.c lib/stream/mp.h lib/stream/mpjson.h \
 lib/stream/kinds.h lib/sys/fault.h
lib/stream/mp.h:
lib/stream/mpjson.h:
lib/stream/kinds.h:
lib/sys/fault.h:
