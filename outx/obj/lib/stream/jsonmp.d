/work/w1/outx/obj/lib/stream/jsonmp.o: lib/stream/jsonmp.c lib/file/json_scan.h \
 lib/file/utf8.h lib/stream/mp.h lib/stream/mpjson.h lib/stream/kinds.h \
 lib/sys/fault.h lib/sys/die.h lib/sys/memory.h
lib/file/json_scan.h:
lib/file/utf8.h:
lib/stream/mp.h:
lib/stream/mpjson.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/sys/die.h:
lib/sys/memory.h:
