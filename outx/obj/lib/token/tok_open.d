/work/w1/outx/obj/lib/token/tok_open.o: lib/token/tok_open.c \
 lib/token/tok_own.h lib/token/added.h lib/sys/fault.h lib/token/bpe.h \
 lib/token/vocab.h lib/token/split.h lib/token/tok.h lib/file/gguf.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/sys/map.h lib/file/sniff.h \
 lib/file/text.h lib/model/ref.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h lib/sys/die.h \
 lib/sys/memory.h lib/sys/setting.h lib/token/tok_beside.h
lib/token/tok_own.h:
lib/token/added.h:
lib/sys/fault.h:
lib/token/bpe.h:
lib/token/vocab.h:
lib/token/split.h:
lib/token/tok.h:
lib/file/gguf.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/file/sniff.h:
lib/file/text.h:
lib/model/ref.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/setting.h:
lib/token/tok_beside.h:
