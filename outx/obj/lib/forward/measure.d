/work/w1/outx/obj/lib/forward/measure.o: lib/forward/measure.c \
 lib/forward/measure.h lib/forward/forecast.h lib/forward/pass.h \
 lib/forward/batch.h lib/ops.h lib/model/model.h lib/cli/settings.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/model/arch.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h \
 lib/stream/mp.h lib/stream/sums.h lib/forward/rate.h lib/sys/die.h \
 lib/sys/memory.h
lib/forward/measure.h:
lib/forward/forecast.h:
lib/forward/pass.h:
lib/forward/batch.h:
lib/ops.h:
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
lib/forward/rate.h:
lib/sys/die.h:
lib/sys/memory.h:
