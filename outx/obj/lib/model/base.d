/work/w1/outx/obj/lib/model/base.o: lib/model/base.c lib/file/gguf.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/sys/map.h lib/sys/fault.h \
 lib/model/bnb.h lib/model/folder.h lib/file/safetensors.h \
 lib/model/fingerprint.h lib/model/known_gguf.h lib/model/known.h \
 lib/model/model.h lib/cli/settings.h lib/model/arch.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h \
 lib/stream/sums.h lib/model/ref.h lib/model/wanted.h lib/stream/ignore.h \
 lib/stream/place.h lib/sys/die.h lib/sys/memory.h
lib/file/gguf.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/model/bnb.h:
lib/model/folder.h:
lib/file/safetensors.h:
lib/model/fingerprint.h:
lib/model/known_gguf.h:
lib/model/known.h:
lib/model/model.h:
lib/cli/settings.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/model/ref.h:
lib/model/wanted.h:
lib/stream/ignore.h:
lib/stream/place.h:
lib/sys/die.h:
lib/sys/memory.h:
