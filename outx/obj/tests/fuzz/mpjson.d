/work/w1/outx/obj/tests/fuzz/mpjson.o: tests/fuzz/mpjson.c tests/fuzz/fuzz.h \
 lib/stream/mp.h lib/stream/mpjson.h lib/stream/kinds.h lib/sys/fault.h
tests/fuzz/fuzz.h:
lib/stream/mp.h:
lib/stream/mpjson.h:
lib/stream/kinds.h:
lib/sys/fault.h:
