/work/w1/outx/obj/tests/fuzz/msgpack.o: tests/fuzz/msgpack.c tests/fuzz/fuzz.h \
 lib/stream/mp.h
tests/fuzz/fuzz.h:
lib/stream/mp.h:
