/work/w1/outx/obj/lib/eval/c4.o: lib/eval/c4.c lib/eval/c4.h lib/eval/task.h \
 lib/model/model.h lib/cli/settings.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/stream/meta.h lib/stream/sequences.h \
 lib/eval/loss.h lib/ops.h lib/sys/memory.h lib/token/tok.h
lib/eval/c4.h:
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
lib/stream/sequences.h:
lib/eval/loss.h:
lib/ops.h:
lib/sys/memory.h:
lib/token/tok.h:
