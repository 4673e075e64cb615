/work/w1/outx/obj/tools/model-cost.o: tools/model-cost.c lib/cli/cli.h \
 lib/cli/opt.h lib/cli/settings.h lib/file/json.h lib/sys/fault.h \
 lib/forward/measure.h lib/forward/forecast.h lib/forward/pass.h \
 lib/forward/batch.h lib/ops.h lib/model/model.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h \
 lib/model/cost.h lib/model/layers.h lib/sys/die.h lib/sys/memory.h \
 lib/sys/output.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/file/json.h:
lib/sys/fault.h:
lib/forward/measure.h:
lib/forward/forecast.h:
lib/forward/pass.h:
lib/forward/batch.h:
lib/ops.h:
lib/model/model.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/model/cost.h:
lib/model/layers.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/output.h:
