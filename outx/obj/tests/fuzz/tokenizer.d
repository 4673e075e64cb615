/work/w1/outx/obj/tests/fuzz/tokenizer.o: tests/fuzz/tokenizer.c \
 tests/fuzz/tokens.h tests/fuzz/fuzz.h lib/token/tok_own.h \
 lib/token/added.h lib/sys/fault.h lib/token/bpe.h lib/token/vocab.h \
 lib/token/split.h lib/token/tok.h
tests/fuzz/tokens.h:
tests/fuzz/fuzz.h:
lib/token/tok_own.h:
lib/token/added.h:
lib/sys/fault.h:
lib/token/bpe.h:
lib/token/vocab.h:
lib/token/split.h:
lib/token/tok.h:
