/work/w1/outx/obj/lib/model/ref.o: lib/model/ref.c lib/model/ref.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h \
 lib/stream/mp.h lib/stream/sums.h lib/file/utf8.h lib/model/hub.h \
 lib/sys/die.h lib/sys/io.h lib/sys/memory.h lib/sys/setting.h
lib/model/ref.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/file/utf8.h:
lib/model/hub.h:
lib/sys/die.h:
lib/sys/io.h:
lib/sys/memory.h:
lib/sys/setting.h:
