/work/w1/outx/obj/lib/cpu/jit.o: lib/cpu/jit.c lib/sys/memory.h
lib/sys/memory.h:
