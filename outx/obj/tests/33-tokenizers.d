/work/w1/outx/obj/tests/33-tokenizers.o: tests/33-tokenizers.c lib/eval/boolq.h \
 lib/eval/choice.h lib/eval/task.h lib/model/model.h lib/cli/settings.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/model/arch.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h \
 lib/stream/mp.h lib/stream/sums.h lib/stream/meta.h lib/token/tok.h \
 lib/eval/mmlu_read.h lib/file/csv.h lib/file/gguf.h lib/sys/map.h \
 lib/file/proto.h lib/file/text.h tests/files.h lib/token/tok_own.h \
 lib/token/added.h lib/token/bpe.h lib/token/vocab.h lib/token/split.h \
 tests/lacks.h tests/golden.h
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
lib/eval/mmlu_read.h:
lib/file/csv.h:
lib/file/gguf.h:
lib/sys/map.h:
lib/file/proto.h:
lib/file/text.h:
tests/files.h:
lib/token/tok_own.h:
lib/token/added.h:
lib/token/bpe.h:
lib/token/vocab.h:
lib/token/split.h:
tests/lacks.h:
tests/golden.h:
