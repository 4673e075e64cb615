/work/w1/outx/obj/tests/helper/model-info.o: tests/helper/model-info.c \
 lib/cli/cli.h lib/cli/opt.h lib/cli/settings.h lib/model/model.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/model/arch.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h \
 lib/stream/mp.h lib/stream/sums.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/model/model.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
