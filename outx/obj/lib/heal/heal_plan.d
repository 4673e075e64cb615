/work/w1/outx/obj/lib/heal/heal_plan.o: lib/heal/heal_plan.c lib/forward/forecast.h \
 lib/forward/pass.h lib/forward/batch.h lib/ops.h lib/model/model.h \
 lib/cli/settings.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/model/arch.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/stream/sums.h \
 lib/forward/probe.h lib/forward/layer.h lib/forward/buffers.h \
 lib/forward/projection.h lib/forward/weights.h lib/forward/rate.h \
 lib/heal/grad.h lib/heal/lora.h lib/file/stsave.h lib/file/safetensors.h \
 lib/sys/map.h lib/heal/shuffle.h lib/stream/sequences.h lib/heal/heal.h \
 lib/heal/recipe.h lib/heal/schedule.h lib/heal/layer_back.h \
 lib/sys/memory.h
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
lib/heal/grad.h:
lib/heal/lora.h:
lib/file/stsave.h:
lib/file/safetensors.h:
lib/sys/map.h:
lib/heal/shuffle.h:
lib/stream/sequences.h:
lib/heal/heal.h:
lib/heal/recipe.h:
lib/heal/schedule.h:
lib/heal/layer_back.h:
lib/sys/memory.h:
