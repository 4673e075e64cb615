/work/w1/outx/obj/lib/export/card.o: lib/export/card.c lib/export/card.h \
 lib/model/model.h lib/cli/settings.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/file/gguf.h lib/sys/map.h lib/model/hub.h \
 lib/model/layers.h lib/sys/die.h lib/sys/io.h lib/sys/memory.h
lib/export/card.h:
lib/model/model.h:
lib/cli/settings.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/file/gguf.h:
lib/sys/map.h:
lib/model/hub.h:
lib/model/layers.h:
lib/sys/die.h:
lib/sys/io.h:
lib/sys/memory.h:
