/work/w1/outx/obj/lib/heal/layer_back.o: lib/heal/layer_back.c \
 lib/heal/layer_back.h lib/forward/layer.h lib/forward/buffers.h \
 lib/ops.h lib/forward/projection.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/forward/weights.h lib/model/model.h \
 lib/cli/settings.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/heal/lora.h lib/file/stsave.h lib/file/safetensors.h lib/sys/map.h \
 lib/sys/memory.h
lib/heal/layer_back.h:
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
lib/heal/lora.h:
lib/file/stsave.h:
lib/file/safetensors.h:
lib/sys/map.h:
lib/sys/memory.h:
