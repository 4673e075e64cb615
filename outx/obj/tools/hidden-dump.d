/work/w1/outx/obj/tools/hidden-dump.o: tools/hidden-dump.c lib/cli/cli.h \
 lib/cli/opt.h lib/cli/settings.h lib/file/json.h lib/sys/fault.h \
 lib/forward/states.h lib/model/model.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h \
 lib/stream/positions.h lib/model/ref.h lib/ops.h lib/stream/sequences.h \
 lib/sys/die.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/file/json.h:
lib/sys/fault.h:
lib/forward/states.h:
lib/model/model.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/stream/positions.h:
lib/model/ref.h:
lib/ops.h:
lib/stream/sequences.h:
lib/sys/die.h:
