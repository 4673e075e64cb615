/work/w1/outx/obj/tools/hidden-dump.o: tools/hidden-dump.c lib/cli/cli.h \
 lib/cli/opt.h lib/cli/settings.h lib/cli/shortfall.h lib/file/json.h \
 lib/sys/fault.h lib/forward/batch.h lib/ops.h lib/forward/forecast.h \
 lib/forward/pass.h lib/model/model.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h \
 lib/model/ref.h lib/stream/positions.h lib/stream/sequences.h \
 lib/sys/die.h lib/sys/memory.h lib/sys/progress.h lib/token/tok_check.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/cli/shortfall.h:
lib/file/json.h:
lib/sys/fault.h:
lib/forward/batch.h:
lib/ops.h:
lib/forward/forecast.h:
lib/forward/pass.h:
lib/model/model.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/model/ref.h:
lib/stream/positions.h:
lib/stream/sequences.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/progress.h:
lib/token/tok_check.h:
