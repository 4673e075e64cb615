/work/w1/outx/obj/lib/eval/template.o: lib/eval/template.c lib/eval/template.h \
 lib/eval/posed.h lib/sys/fault.h lib/eval/task.h lib/model/model.h \
 lib/cli/settings.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/model/arch.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h lib/stream/meta.h \
 lib/file/json.h lib/sys/die.h lib/sys/memory.h
lib/eval/template.h:
lib/eval/posed.h:
lib/sys/fault.h:
lib/eval/task.h:
lib/model/model.h:
lib/cli/settings.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/stream/meta.h:
lib/file/json.h:
lib/sys/die.h:
lib/sys/memory.h:
