/work/w1/outx/obj/lib/cpu/plan.o: lib/cpu/plan.c lib/cpu/cpu.h lib/cpu/kernels.h \
 lib/ops.h lib/sys/budget.h
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
lib/sys/budget.h:
