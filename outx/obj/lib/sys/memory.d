/work/w1/outx/obj/lib/sys/memory.o: lib/sys/memory.c lib/sys/memory.h
lib/sys/memory.h:
