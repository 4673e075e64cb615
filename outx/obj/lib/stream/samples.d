/work/w1/outx/obj/lib/stream/samples.o: lib/stream/samples.c lib/stream/samples.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h \
 lib/stream/mp.h lib/stream/sums.h lib/file/json.h lib/stream/place.h \
 lib/sys/die.h lib/sys/io.h lib/sys/memory.h lib/sys/output.h \
 lib/sys/steady.h lib/sys/temp.h
lib/stream/samples.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/file/json.h:
lib/stream/place.h:
lib/sys/die.h:
lib/sys/io.h:
lib/sys/memory.h:
lib/sys/output.h:
lib/sys/steady.h:
lib/sys/temp.h:
