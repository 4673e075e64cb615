/work/w1/outx/obj/tests/fuzz/gguf.o: tests/fuzz/gguf.c lib/file/gguf.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/sys/map.h lib/sys/fault.h \
 tests/fuzz/fuzz.h lib/model/arch.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h lib/token/tok_own.h \
 lib/token/added.h lib/token/bpe.h lib/token/vocab.h lib/token/split.h \
 lib/token/tok.h
lib/file/gguf.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
tests/fuzz/fuzz.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/token/tok_own.h:
lib/token/added.h:
lib/token/bpe.h:
lib/token/vocab.h:
lib/token/split.h:
lib/token/tok.h:
