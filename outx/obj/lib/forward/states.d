/work/w1/outx/obj/lib/forward/states.o: lib/forward/states.c \
 lib/forward/states.h lib/model/model.h lib/cli/settings.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/model/arch.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h \
 lib/stream/mp.h lib/stream/sums.h lib/stream/positions.h \
 lib/cli/shortfall.h lib/forward/batch.h lib/ops.h lib/forward/forecast.h \
 lib/forward/pass.h lib/sys/die.h lib/sys/memory.h lib/sys/progress.h \
 lib/sys/setting.h lib/token/tok_check.h
lib/forward/states.h:
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
lib/stream/positions.h:
lib/cli/shortfall.h:
lib/forward/batch.h:
lib/ops.h:
lib/forward/forecast.h:
lib/forward/pass.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/progress.h:
lib/sys/setting.h:
lib/token/tok_check.h:
