/work/w1/outx/obj/lib/model/adapter.o: lib/model/adapter.c lib/file/json.h \
 lib/sys/fault.h lib/file/safetensors.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/sys/map.h lib/file/stsave.h \
 lib/model/adapter_config.h lib/model/fit.h lib/model/model.h \
 lib/cli/settings.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h \
 lib/model/known.h lib/stream/ignore.h lib/stream/place.h lib/sys/die.h \
 lib/sys/memory.h
lib/file/json.h:
lib/sys/fault.h:
lib/file/safetensors.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/file/stsave.h:
lib/model/adapter_config.h:
lib/model/fit.h:
lib/model/model.h:
lib/cli/settings.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/model/known.h:
lib/stream/ignore.h:
lib/stream/place.h:
lib/sys/die.h:
lib/sys/memory.h:
