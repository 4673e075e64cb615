/work/w1/outx/obj/lib/stream/recout.o: lib/stream/recout.c lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/file/inputs.h \
 lib/file/json.h lib/stream/ignore.h lib/sys/die.h lib/sys/map.h \
 lib/sys/memory.h lib/sys/output.h
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/file/inputs.h:
lib/file/json.h:
lib/stream/ignore.h:
lib/sys/die.h:
lib/sys/map.h:
lib/sys/memory.h:
lib/sys/output.h:
