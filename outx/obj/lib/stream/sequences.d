/work/w1/outx/obj/lib/stream/sequences.o: lib/stream/sequences.c \
 lib/stream/sequences.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/stream/sums.h \
 lib/cli/shortfall.h lib/sys/die.h lib/sys/memory.h lib/sys/setting.h
lib/stream/sequences.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/cli/shortfall.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/setting.h:
