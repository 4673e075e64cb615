/work/w1/outx/obj/lib/forward/pass.o: lib/forward/pass.c \
 lib/forward/pass.h lib/forward/batch.h lib/ops.h lib/model/model.h \
 lib/cli/settings.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/model/arch.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/stream/sums.h \
 lib/forward/layer.h lib/forward/buffers.h lib/forward/projection.h \
 lib/forward/weights.h lib/forward/rate.h lib/model/cost.h \
 lib/sys/budget.h lib/sys/die.h lib/sys/memory.h lib/sys/progress.h \
 lib/sys/setting.h lib/sys/threads.h
lib/forward/pass.h:
lib/forward/batch.h:
lib/ops.h:
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
lib/forward/layer.h:
lib/forward/buffers.h:
lib/forward/projection.h:
lib/forward/weights.h:
lib/forward/rate.h:
lib/model/cost.h:
lib/sys/budget.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/progress.h:
lib/sys/setting.h:
lib/sys/threads.h:
