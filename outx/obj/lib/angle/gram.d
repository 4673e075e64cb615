/work/w1/outx/obj/lib/angle/gram.o: lib/angle/gram.c lib/angle/gram.h \
 lib/sys/hugepage.h lib/sys/memory.h lib/sys/simd.h
lib/angle/gram.h:
lib/sys/hugepage.h:
lib/sys/memory.h:
lib/sys/simd.h:
