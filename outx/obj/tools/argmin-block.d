/work/w1/outx/obj/tools/argmin-block.o: tools/argmin-block.c lib/angle/argmin.h \
 lib/angle/angle.h lib/stream/positions.h lib/sys/fault.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h \
 lib/stream/sums.h lib/cli/cli.h lib/cli/opt.h lib/cli/settings.h \
 lib/file/json.h lib/model/layers.h lib/model/model.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/sys/die.h lib/sys/memory.h
lib/angle/argmin.h:
lib/angle/angle.h:
lib/stream/positions.h:
lib/sys/fault.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/file/json.h:
lib/model/layers.h:
lib/model/model.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/model/arch.h:
lib/sys/die.h:
lib/sys/memory.h:
