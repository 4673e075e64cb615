/work/w1/outx/obj/lib/cpu/output_back.o: lib/cpu/output_back.c lib/cpu/cpu.h \
 lib/cpu/kernels.h lib/ops.h
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
