/work/w1/outx/obj/lib/eval/pairing.o: lib/eval/pairing.c \
 lib/eval/pairing.h lib/eval/paired.h lib/file/json.h lib/sys/fault.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h \
 lib/stream/sums.h lib/sys/die.h lib/sys/memory.h lib/sys/setting.h
lib/eval/pairing.h:
lib/eval/paired.h:
lib/file/json.h:
lib/sys/fault.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/setting.h:
