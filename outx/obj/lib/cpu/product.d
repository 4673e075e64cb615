/work/w1/outx/obj/lib/cpu/product.o: lib/cpu/product.c lib/cpu/cpu.h \
 lib/cpu/kernels.h lib/ops.h lib/sys/die.h lib/sys/memory.h \
 lib/sys/setting.h lib/sys/threads.h
lib/cpu/cpu.h:
lib/cpu/kernels.h:
lib/ops.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/setting.h:
lib/sys/threads.h:
