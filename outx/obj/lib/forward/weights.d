/work/w1/outx/obj/lib/forward/weights.o: lib/forward/weights.c \
 lib/forward/weights.h lib/forward/projection.h lib/model/arch.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h \
 lib/stream/mp.h lib/stream/sums.h lib/ops.h lib/model/model.h \
 lib/cli/settings.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/sys/crew.h lib/sys/die.h lib/sys/map.h lib/sys/memory.h \
 lib/sys/threads.h
lib/forward/weights.h:
lib/forward/projection.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/ops.h:
lib/model/model.h:
lib/cli/settings.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/crew.h:
lib/sys/die.h:
lib/sys/map.h:
lib/sys/memory.h:
lib/sys/threads.h:
