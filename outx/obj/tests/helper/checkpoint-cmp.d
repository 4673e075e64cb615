/work/w1/outx/obj/tests/helper/checkpoint-cmp.o: tests/helper/checkpoint-cmp.c \
 lib/file/nf4.h lib/model/layers.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/stream/sums.h \
 lib/model/model.h lib/cli/settings.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/sys/die.h lib/sys/memory.h
lib/file/nf4.h:
lib/model/layers.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/model/model.h:
lib/cli/settings.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/model/arch.h:
lib/sys/die.h:
lib/sys/memory.h:
