/work/w1/outx/obj/lib/file/nf4.o: lib/file/nf4.c lib/file/nf4.h lib/sys/memory.h
lib/file/nf4.h:
lib/sys/memory.h:
