/work/w1/outx/obj/tools/qlora-heal.o: tools/qlora-heal.c lib/cli/cli.h \
 lib/cli/opt.h lib/cli/settings.h lib/heal/heal.h lib/heal/grad.h \
 lib/heal/lora.h lib/file/stsave.h lib/file/safetensors.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/sys/map.h lib/sys/fault.h \
 lib/forward/layer.h lib/forward/buffers.h lib/ops.h \
 lib/forward/projection.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h \
 lib/forward/weights.h lib/model/model.h lib/heal/shuffle.h \
 lib/stream/sequences.h lib/heal/recipe.h lib/heal/schedule.h \
 lib/heal/heal_data.h lib/model/ref.h lib/stream/overlap.h \
 lib/stream/meta.h lib/stream/place.h lib/sys/die.h lib/token/tok_check.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/heal/heal.h:
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
lib/heal/shuffle.h:
lib/stream/sequences.h:
lib/heal/recipe.h:
lib/heal/schedule.h:
lib/heal/heal_data.h:
lib/model/ref.h:
lib/stream/overlap.h:
lib/stream/meta.h:
lib/stream/place.h:
lib/sys/die.h:
lib/token/tok_check.h:
