/work/w1/outx/obj/tools/eval-boolq.o: tools/eval-boolq.c lib/cli/cli.h \
 lib/cli/opt.h lib/cli/settings.h lib/cli/eval_options.h \
 lib/eval/accuracy.h lib/eval/task.h lib/model/model.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/stream/meta.h lib/eval/boolq.h lib/eval/choice.h \
 lib/token/tok.h lib/eval/evaluation.h lib/eval/scores.h lib/file/json.h \
 lib/model/ref.h lib/ops.h lib/sys/die.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/cli/eval_options.h:
lib/eval/accuracy.h:
lib/eval/task.h:
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
lib/stream/meta.h:
lib/eval/boolq.h:
lib/eval/choice.h:
lib/token/tok.h:
lib/eval/evaluation.h:
lib/eval/scores.h:
lib/file/json.h:
lib/model/ref.h:
lib/ops.h:
lib/sys/die.h:
