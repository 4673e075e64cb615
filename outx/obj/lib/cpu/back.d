/work/w1/outx/obj/lib/cpu/back.o: lib/cpu/back.c lib/cpu/rope.h lib/cpu/cpu.h \
 lib/cpu/kernels.h lib/ops.h lib/sys/memory.h
lib/cpu/rope.h:
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
lib/sys/memory.h:
