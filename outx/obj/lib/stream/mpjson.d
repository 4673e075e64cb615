/work/w1/outx/obj/lib/stream/mpjson.o: lib/stream/mpjson.c lib/stream/mpjson.h \
 lib/stream/kinds.h lib/sys/fault.h lib/file/half.h lib/stream/mp.h
lib/stream/mpjson.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/file/half.h:
lib/stream/mp.h:
