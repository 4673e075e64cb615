/work/w1/outx/obj/lib/cpu/weight.o: lib/cpu/weight.c lib/cpu/cpu.h \
 lib/cpu/kernels.h lib/ops.h lib/file/nf4.h lib/sys/die.h \
 lib/sys/memory.h
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
lib/file/nf4.h:
lib/sys/die.h:
lib/sys/memory.h:
