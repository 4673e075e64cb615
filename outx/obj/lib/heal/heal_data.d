/work/w1/outx/obj/lib/heal/heal_data.o: lib/heal/heal_data.c \
 lib/heal/heal_data.h lib/heal/shuffle.h lib/stream/sequences.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h \
 lib/stream/mp.h lib/stream/sums.h lib/sys/die.h lib/sys/setting.h
lib/heal/heal_data.h:
lib/heal/shuffle.h:
lib/stream/sequences.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/sys/die.h:
lib/sys/setting.h:
