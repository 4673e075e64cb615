/work/w1/outx/obj/tests/47-layer.o: tests/47-layer.c tests/arrays.h tests/formula.h \
 lib/ops.h lib/heal/layer_back.h lib/forward/layer.h \
 lib/forward/buffers.h lib/forward/projection.h lib/model/arch.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h \
 lib/stream/mp.h lib/stream/sums.h lib/forward/weights.h \
 lib/model/model.h lib/cli/settings.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/heal/lora.h lib/file/stsave.h \
 lib/file/safetensors.h lib/sys/map.h tests/plain.h
tests/arrays.h:
tests/formula.h:
lib/ops.h:
lib/heal/layer_back.h:
lib/forward/layer.h:
lib/forward/buffers.h:
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
tests/plain.h:
