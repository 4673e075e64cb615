/work/w1/outx/obj/tests/fuzz/record.o: tests/fuzz/record.c tests/fuzz/fuzz.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/stream/mpjson.h
tests/fuzz/fuzz.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/mpjson.h:
