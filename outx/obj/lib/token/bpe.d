/work/w1/outx/obj/lib/token/bpe.o: lib/token/bpe.c lib/token/bpe.h \
 lib/token/vocab.h lib/sys/fault.h lib/file/utf8.h lib/sys/memory.h \
 lib/sys/hugepage.h
lib/token/bpe.h:
lib/token/vocab.h:
lib/sys/fault.h:
lib/file/utf8.h:
lib/sys/memory.h:
lib/sys/hugepage.h:
