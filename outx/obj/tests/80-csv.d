/work/w1/outx/obj/tests/80-csv.o: tests/80-csv.c lib/eval/mmlu.h lib/eval/choice.h \
 lib/eval/task.h lib/model/model.h lib/cli/settings.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/stream/meta.h lib/token/tok.h lib/eval/mmlu_read.h \
 lib/file/csv.h tests/lacks.h tests/golden.h
lib/eval/mmlu.h:
lib/eval/choice.h:
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
lib/token/tok.h:
lib/eval/mmlu_read.h:
lib/file/csv.h:
tests/lacks.h:
tests/golden.h:
