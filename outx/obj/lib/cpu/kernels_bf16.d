/work/w1/outx/obj/lib/cpu/kernels_bf16.o: lib/cpu/kernels_bf16.c \
 lib/cpu/kernels.inc lib/cpu/vec.h lib/cpu/cpu.h lib/cpu/kernels.h \
 lib/ops.h
lib/cpu/kernels.inc:
lib/cpu/vec.h:
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
