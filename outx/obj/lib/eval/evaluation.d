/work/w1/outx/obj/lib/eval/evaluation.o: lib/eval/evaluation.c \
 lib/eval/evaluation.h lib/cli/eval_options.h lib/cli/opt.h \
 lib/eval/task.h lib/model/model.h lib/cli/settings.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/stream/meta.h lib/eval/request.h \
 lib/forward/batch.h lib/ops.h lib/eval/scores.h lib/file/json.h \
 lib/forward/forecast.h lib/forward/pass.h lib/stream/place.h \
 lib/stream/samples.h lib/sys/die.h lib/sys/memory.h lib/sys/progress.h \
 lib/sys/threads.h
lib/eval/evaluation.h:
lib/cli/eval_options.h:
lib/cli/opt.h:
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
lib/eval/request.h:
lib/forward/batch.h:
lib/ops.h:
lib/eval/scores.h:
lib/file/json.h:
lib/forward/forecast.h:
lib/forward/pass.h:
lib/stream/place.h:
lib/stream/samples.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/progress.h:
lib/sys/threads.h:
