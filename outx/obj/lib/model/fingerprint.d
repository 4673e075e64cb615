/work/w1/outx/obj/lib/model/fingerprint.o: lib/model/fingerprint.c \
 lib/model/fingerprint.h lib/file/gguf.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/sys/map.h lib/sys/fault.h lib/model/folder.h \
 lib/file/safetensors.h lib/model/ref.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h \
 lib/sys/die.h
lib/model/fingerprint.h:
lib/file/gguf.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/model/folder.h:
lib/file/safetensors.h:
lib/model/ref.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/sys/die.h:
