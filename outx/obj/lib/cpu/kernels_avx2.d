/work/w1/outx/obj/lib/cpu/kernels_avx2.o: lib/cpu/kernels_avx2.c \
 lib/cpu/kernels.inc lib/cpu/vec.h lib/cpu/cpu.h lib/cpu/kernels.h \
 lib/ops.h
lib/cpu/kernels.inc:
lib/cpu/vec.h:
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
