/work/w1/outx/obj/lib/model/fit.o: lib/model/fit.c lib/model/fit.h \
 lib/model/model.h lib/cli/settings.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/file/json.h lib/model/fingerprint.h \
 lib/file/gguf.h lib/sys/map.h lib/model/folder.h lib/file/safetensors.h \
 lib/model/known.h lib/model/layers.h lib/stream/ignore.h lib/sys/die.h
lib/model/fit.h:
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
lib/file/json.h:
lib/model/fingerprint.h:
lib/file/gguf.h:
lib/sys/map.h:
lib/model/folder.h:
lib/file/safetensors.h:
lib/model/known.h:
lib/model/layers.h:
lib/stream/ignore.h:
lib/sys/die.h:
