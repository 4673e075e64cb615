/work/w1/outx/obj/lib/token/tok_gguf.o: lib/token/tok_gguf.c lib/token/tok_own.h \
 lib/token/added.h lib/sys/fault.h lib/token/bpe.h lib/token/vocab.h \
 lib/token/split.h lib/token/tok.h lib/file/gguf.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/sys/map.h lib/sys/memory.h
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
lib/sys/memory.h:
