/work/w1/outx/obj/lib/token/split.o: lib/token/split.c lib/token/split.h \
 lib/sys/fault.h lib/file/utf8.h lib/sys/die.h lib/sys/memory.h \
 lib/sys/simd.h
lib/token/split.h:
lib/sys/fault.h:
lib/file/utf8.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/simd.h:
