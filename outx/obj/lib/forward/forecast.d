/work/w1/outx/obj/lib/forward/forecast.o: lib/forward/forecast.c \
 lib/forward/forecast.h lib/forward/pass.h lib/forward/batch.h lib/ops.h \
 lib/model/model.h lib/cli/settings.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/forward/probe.h lib/forward/layer.h \
 lib/forward/buffers.h lib/forward/projection.h lib/forward/weights.h \
 lib/forward/rate.h lib/sys/output.h
lib/forward/forecast.h:
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
lib/forward/probe.h:
lib/forward/layer.h:
lib/forward/buffers.h:
lib/forward/projection.h:
lib/forward/weights.h:
lib/forward/rate.h:
lib/sys/output.h:
