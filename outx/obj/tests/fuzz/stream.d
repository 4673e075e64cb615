/work/w1/outx/obj/tests/fuzz/stream.o: tests/fuzz/stream.c tests/fuzz/fuzz.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h
tests/fuzz/fuzz.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
