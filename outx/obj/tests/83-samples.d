/work/w1/outx/obj/tests/83-samples.o: tests/83-samples.c lib/stream/mp.h \
 lib/stream/samples.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/sums.h lib/sys/die.h \
 lib/sys/memory.h lib/sys/output.h
lib/stream/mp.h:
lib/stream/samples.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/sums.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/output.h:
