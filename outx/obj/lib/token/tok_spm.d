/work/w1/outx/obj/lib/token/tok_spm.o: lib/token/tok_spm.c lib/token/tok_own.h \
 lib/token/added.h lib/sys/fault.h lib/token/bpe.h lib/token/vocab.h \
 lib/token/split.h lib/token/tok.h lib/file/proto.h lib/sys/memory.h
lib/token/tok_own.h:
lib/token/added.h:
lib/sys/fault.h:
lib/token/bpe.h:
lib/token/vocab.h:
lib/token/split.h:
lib/token/tok.h:
lib/file/proto.h:
lib/sys/memory.h:
