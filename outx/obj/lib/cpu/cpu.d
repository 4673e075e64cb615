/work/w1/outx/obj/lib/cpu/cpu.o: lib/cpu/cpu.c lib/cpu/cpu.h lib/cpu/kernels.h \
 lib/ops.h lib/sys/memory.h
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
lib/sys/memory.h:
