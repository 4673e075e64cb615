/work/w1/outx/obj/lib/file/half.o: lib/file/half.c lib/file/half.h
lib/file/half.h:
