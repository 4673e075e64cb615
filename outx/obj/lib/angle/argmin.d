/work/w1/outx/obj/lib/angle/argmin.o: lib/angle/argmin.c \
 lib/angle/argmin.h lib/angle/angle.h lib/stream/positions.h \
 lib/sys/fault.h lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h \
 lib/stream/mp.h lib/stream/sums.h lib/model/layers.h lib/sys/setting.h
lib/angle/argmin.h:
lib/angle/angle.h:
lib/stream/positions.h:
lib/sys/fault.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/model/layers.h:
lib/sys/setting.h:
