/work/w1/outx/obj/lib/cpu/mat.o: lib/cpu/mat.c lib/cpu/cpu.h lib/cpu/kernels.h \
 lib/ops.h lib/sys/die.h lib/sys/memory.h
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
lib/sys/die.h:
lib/sys/memory.h:
