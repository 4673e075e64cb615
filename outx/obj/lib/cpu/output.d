/work/w1/outx/obj/lib/cpu/output.o: lib/cpu/output.c lib/cpu/cpu.h \
 lib/cpu/kernels.h lib/ops.h lib/sys/memory.h
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
lib/sys/memory.h:
