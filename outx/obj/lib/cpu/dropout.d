/work/w1/outx/obj/lib/cpu/dropout.o: lib/cpu/dropout.c lib/cpu/cpu.h \
 lib/cpu/kernels.h lib/ops.h lib/philox.h lib/sys/memory.h
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
lib/philox.h:
lib/sys/memory.h:
