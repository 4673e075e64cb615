/work/w1/outx/obj/tests/82-prompts.o: tests/82-prompts.c lib/eval/accuracy.h \
 lib/eval/task.h lib/model/model.h lib/cli/settings.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/stream/meta.h lib/eval/boolq.h lib/eval/choice.h \
 lib/token/tok.h lib/eval/mmlu.h lib/eval/mmlu_read.h lib/file/csv.h \
 lib/eval/mmlu_categories.h tests/lacks.h tests/golden.h
lib/eval/accuracy.h:
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
lib/eval/boolq.h:
lib/eval/choice.h:
lib/token/tok.h:
lib/eval/mmlu.h:
lib/eval/mmlu_read.h:
lib/file/csv.h:
lib/eval/mmlu_categories.h:
tests/lacks.h:
tests/golden.h:
