/work/w1/outx/obj/lib/heal/grad.o: lib/heal/grad.c lib/heal/grad.h \
 lib/heal/lora.h lib/file/stsave.h lib/file/safetensors.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/sys/map.h lib/sys/fault.h \
 lib/forward/layer.h lib/forward/buffers.h lib/ops.h \
 lib/forward/projection.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h \
 lib/forward/weights.h lib/model/model.h lib/cli/settings.h \
 lib/heal/shuffle.h lib/stream/sequences.h lib/forward/batch.h \
 lib/heal/layer_back.h lib/sys/budget.h lib/sys/die.h lib/sys/memory.h \
 lib/sys/progress.h lib/sys/setting.h lib/sys/threads.h
lib/heal/grad.h:
lib/heal/lora.h:
lib/file/stsave.h:
lib/file/safetensors.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/forward/layer.h:
lib/forward/buffers.h:
lib/ops.h:
lib/forward/projection.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/forward/weights.h:
lib/model/model.h:
lib/cli/settings.h:
lib/heal/shuffle.h:
lib/stream/sequences.h:
lib/forward/batch.h:
lib/heal/layer_back.h:
lib/sys/budget.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/progress.h:
lib/sys/setting.h:
lib/sys/threads.h:
