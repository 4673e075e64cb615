/work/w1/outx/obj/tests/fuzz/question.o: tests/fuzz/question.c lib/eval/boolq.h \
 lib/eval/choice.h lib/eval/task.h lib/model/model.h lib/cli/settings.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/model/arch.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h \
 lib/stream/mp.h lib/stream/sums.h lib/stream/meta.h lib/token/tok.h \
 lib/file/sniff.h tests/fuzz/fuzz.h
lib/eval/boolq.h:
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
lib/file/sniff.h:
tests/fuzz/fuzz.h:
