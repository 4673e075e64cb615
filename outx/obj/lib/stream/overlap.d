/work/w1/outx/obj/lib/stream/overlap.o: lib/stream/overlap.c lib/stream/overlap.h \
 lib/stream/meta.h lib/sys/fault.h lib/stream/sequences.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h \
 lib/stream/sums.h lib/file/inputs.h lib/file/json.h lib/sys/die.h
lib/stream/overlap.h:
lib/stream/meta.h:
lib/sys/fault.h:
lib/stream/sequences.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/file/inputs.h:
lib/file/json.h:
lib/sys/die.h:
