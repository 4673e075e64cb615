/work/w1/outx/obj/lib/heal/recipe.o: lib/heal/recipe.c lib/heal/recipe.h \
 lib/heal/shuffle.h lib/heal/schedule.h lib/model/model.h \
 lib/cli/settings.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/model/arch.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/stream/sums.h \
 lib/stream/sequences.h lib/heal/lora.h lib/file/stsave.h \
 lib/file/safetensors.h lib/sys/map.h lib/forward/layer.h \
 lib/forward/buffers.h lib/ops.h lib/forward/projection.h \
 lib/forward/weights.h lib/model/ref.h lib/sys/die.h lib/sys/setting.h
lib/heal/recipe.h:
lib/heal/shuffle.h:
lib/heal/schedule.h:
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
lib/stream/sequences.h:
lib/heal/lora.h:
lib/file/stsave.h:
lib/file/safetensors.h:
lib/sys/map.h:
lib/forward/layer.h:
lib/forward/buffers.h:
lib/ops.h:
lib/forward/projection.h:
lib/forward/weights.h:
lib/model/ref.h:
lib/sys/die.h:
lib/sys/setting.h:
