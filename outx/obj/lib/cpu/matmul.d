/work/w1/outx/obj/lib/cpu/matmul.o: lib/cpu/matmul.c lib/cpu/cpu.h \
 lib/cpu/kernels.h lib/ops.h
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
