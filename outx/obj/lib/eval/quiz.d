/work/w1/outx/obj/lib/eval/quiz.o: lib/eval/quiz.c lib/eval/quiz.h \
 lib/eval/choice.h lib/eval/task.h lib/model/model.h lib/cli/settings.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/model/arch.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h \
 lib/stream/mp.h lib/stream/sums.h lib/stream/meta.h lib/token/tok.h \
 lib/eval/form.h lib/eval/posed.h lib/eval/template.h lib/eval/picks.h \
 lib/eval/accuracy.h lib/eval/rows.h lib/file/text.h lib/file/json.h \
 lib/sys/die.h lib/sys/memory.h
lib/eval/quiz.h:
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
lib/eval/form.h:
lib/eval/posed.h:
lib/eval/template.h:
lib/eval/picks.h:
lib/eval/accuracy.h:
lib/eval/rows.h:
lib/file/text.h:
lib/file/json.h:
lib/sys/die.h:
lib/sys/memory.h:
