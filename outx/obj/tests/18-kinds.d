/work/w1/outx/obj/tests/18-kinds.o: tests/18-kinds.c lib/stream/mpjson.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/mp.h lib/stream/sums.h lib/sys/memory.h
lib/stream/mpjson.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/sys/memory.h:
