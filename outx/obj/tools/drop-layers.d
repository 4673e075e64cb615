/work/w1/outx/obj/tools/drop-layers.o: tools/drop-layers.c lib/cli/cli.h \
 lib/cli/opt.h lib/cli/settings.h lib/export/checkpoint.h \
 lib/export/merge.h lib/model/model.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/sys/output.h lib/file/json.h lib/model/layers.h \
 lib/model/ref.h lib/sys/die.h lib/sys/memory.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/export/checkpoint.h:
lib/export/merge.h:
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
lib/sys/output.h:
lib/file/json.h:
lib/model/layers.h:
lib/model/ref.h:
lib/sys/die.h:
lib/sys/memory.h:
