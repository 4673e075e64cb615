/work/w1/outx/obj/lib/cpu/pack.o: lib/cpu/pack.c lib/cpu/cpu.h lib/cpu/kernels.h \
 lib/ops.h
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
