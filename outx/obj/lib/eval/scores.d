/work/w1/outx/obj/lib/eval/scores.o: lib/eval/scores.c lib/eval/scores.h \
 lib/model/model.h lib/cli/settings.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/eval/results.h lib/eval/score_table.h \
 lib/file/json.h lib/model/layers.h lib/ops.h lib/stream/meta.h \
 lib/stream/place.h lib/sys/die.h lib/sys/memory.h lib/sys/output.h
lib/eval/scores.h:
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
lib/eval/results.h:
lib/eval/score_table.h:
lib/file/json.h:
lib/model/layers.h:
lib/ops.h:
lib/stream/meta.h:
lib/stream/place.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/output.h:
