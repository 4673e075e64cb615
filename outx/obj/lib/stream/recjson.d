/work/w1/outx/obj/lib/stream/recjson.o: lib/stream/recjson.c \
 lib/file/half.h lib/stream/mp.h lib/stream/mpjson.h lib/stream/kinds.h \
 lib/sys/fault.h lib/sys/memory.h lib/sys/setting.h
lib/file/half.h:
lib/stream/mp.h:
lib/stream/mpjson.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/sys/memory.h:
lib/sys/setting.h:
