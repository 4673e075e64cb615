/work/w1/outx/obj/lib/cpu/attention.o: lib/cpu/attention.c lib/cpu/cpu.h \
 lib/cpu/kernels.h lib/ops.h
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
