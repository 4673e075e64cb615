/work/w1/outx/obj/tests/34-tok-hostile.o: tests/34-tok-hostile.c lib/file/gguf.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/sys/map.h lib/sys/fault.h \
 tests/files.h lib/token/tok_own.h lib/token/added.h lib/token/bpe.h \
 lib/token/vocab.h lib/token/split.h lib/token/tok.h
lib/file/gguf.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
tests/files.h:
lib/token/tok_own.h:
lib/token/added.h:
lib/token/bpe.h:
lib/token/vocab.h:
lib/token/split.h:
lib/token/tok.h:
