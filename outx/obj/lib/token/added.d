/work/w1/outx/obj/lib/token/added.o: lib/token/added.c lib/token/added.h \
 lib/sys/fault.h lib/file/utf8.h lib/sys/memory.h lib/sys/simd.h \
 lib/token/vocab.h
lib/token/added.h:
lib/sys/fault.h:
lib/file/utf8.h:
lib/sys/memory.h:
lib/sys/simd.h:
lib/token/vocab.h:
