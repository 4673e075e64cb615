/work/w1/outx/obj/lib/cpu/norm.o: lib/cpu/norm.c lib/cpu/cpu.h lib/cpu/kernels.h \
 lib/ops.h
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
