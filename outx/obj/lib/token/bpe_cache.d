/work/w1/outx/obj/lib/token/bpe_cache.o: lib/token/bpe_cache.c lib/token/bpe.h \
 lib/token/vocab.h lib/sys/fault.h lib/sys/hugepage.h lib/sys/memory.h \
 lib/sys/simd.h
lib/token/bpe.h:
lib/token/vocab.h:
lib/sys/fault.h:
lib/sys/hugepage.h:
lib/sys/memory.h:
lib/sys/simd.h:
