/work/w1/outx/obj/lib/stream/rec.o: lib/stream/rec.c lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/file/sniff.h \
 lib/file/source.h lib/sys/die.h lib/sys/memory.h lib/sys/setting.h
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/file/sniff.h:
lib/file/source.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/setting.h:
