/work/w1/outx/obj/lib/model/wanted.o: lib/model/wanted.c lib/model/wanted.h \
 lib/model/arch.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/stream/sums.h
lib/model/wanted.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
