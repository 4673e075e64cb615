/work/w1/outx/obj/lib/export/checkpoint_gguf.o: lib/export/checkpoint_gguf.c \
 lib/export/checkpoint.h lib/export/merge.h lib/model/model.h \
 lib/cli/settings.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/model/arch.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/stream/sums.h \
 lib/sys/output.h lib/export/renumber.h lib/model/known_gguf.h \
 lib/file/gguf.h lib/sys/map.h lib/model/known.h lib/sys/copy.h \
 lib/sys/die.h lib/sys/memory.h
lib/export/checkpoint.h:
lib/export/merge.h:
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
lib/sys/output.h:
lib/export/renumber.h:
lib/model/known_gguf.h:
lib/file/gguf.h:
lib/sys/map.h:
lib/model/known.h:
lib/sys/copy.h:
lib/sys/die.h:
lib/sys/memory.h:
