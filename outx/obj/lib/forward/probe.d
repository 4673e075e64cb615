/work/w1/outx/obj/lib/forward/probe.o: lib/forward/probe.c lib/forward/probe.h \
 lib/forward/layer.h lib/forward/buffers.h lib/ops.h \
 lib/forward/projection.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/forward/weights.h lib/model/model.h \
 lib/cli/settings.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/forward/rate.h lib/model/cost.h lib/sys/memory.h lib/sys/threads.h
lib/forward/probe.h:
lib/forward/layer.h:
lib/forward/buffers.h:
lib/ops.h:
lib/forward/projection.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/forward/weights.h:
lib/model/model.h:
lib/cli/settings.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/forward/rate.h:
lib/model/cost.h:
lib/sys/memory.h:
lib/sys/threads.h:
