/work/w1/outx/obj/lib/stream/fields.o: lib/stream/fields.c lib/stream/fields.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/stream/mpjson.h \
 lib/sys/memory.h lib/sys/near.h
lib/stream/fields.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/mpjson.h:
lib/sys/memory.h:
lib/sys/near.h:
