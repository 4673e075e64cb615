/work/w1/outx/obj/lib/token/tok_merges.o: lib/token/tok_merges.c \
 lib/token/tok_own.h lib/token/added.h lib/sys/fault.h lib/token/bpe.h \
 lib/token/vocab.h lib/token/split.h lib/token/tok.h lib/file/json.h
lib/token/tok_own.h:
lib/token/added.h:
lib/sys/fault.h:
lib/token/bpe.h:
lib/token/vocab.h:
lib/token/split.h:
lib/token/tok.h:
lib/file/json.h:
