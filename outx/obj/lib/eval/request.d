/work/w1/outx/obj/lib/eval/request.o: lib/eval/request.c lib/eval/request.h \
 lib/eval/task.h lib/model/model.h lib/cli/settings.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/stream/meta.h lib/forward/batch.h lib/ops.h \
 lib/eval/loss.h lib/sys/memory.h
lib/eval/request.h:
lib/eval/task.h:
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
lib/stream/meta.h:
lib/forward/batch.h:
lib/ops.h:
lib/eval/loss.h:
lib/sys/memory.h:
