/work/w1/outx/obj/lib/token/tok.o: lib/token/tok.c lib/token/tok_own.h \
 lib/token/added.h lib/sys/fault.h lib/token/bpe.h lib/token/vocab.h \
 lib/token/split.h lib/token/tok.h lib/file/utf8.h lib/sys/die.h \
 lib/sys/memory.h lib/sys/setting.h
lib/token/tok_own.h:
lib/token/added.h:
lib/sys/fault.h:
lib/token/bpe.h:
lib/token/vocab.h:
lib/token/split.h:
lib/token/tok.h:
lib/file/utf8.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/setting.h:
