/work/w1/outx/obj/lib/model/arch.o: lib/model/arch.c lib/model/family.h \
 lib/model/arch.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/stream/sums.h
lib/model/family.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
