/work/w1/outx/obj/lib/cpu/act.o: lib/cpu/act.c lib/cpu/cpu.h lib/cpu/kernels.h \
 lib/ops.h
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
