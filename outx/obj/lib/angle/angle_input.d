/work/w1/outx/obj/lib/angle/angle_input.o: lib/angle/angle_input.c \
 lib/angle/angle.h lib/stream/positions.h lib/sys/fault.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h \
 lib/stream/sums.h lib/file/json.h lib/stream/meta.h lib/sys/crew.h \
 lib/sys/die.h lib/sys/memory.h lib/sys/setting.h lib/sys/threads.h
lib/angle/angle.h:
lib/stream/positions.h:
lib/sys/fault.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/file/json.h:
lib/stream/meta.h:
lib/sys/crew.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/setting.h:
lib/sys/threads.h:
