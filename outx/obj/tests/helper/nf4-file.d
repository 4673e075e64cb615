/work/w1/outx/obj/tests/helper/nf4-file.o: tests/helper/nf4-file.c lib/file/nf4.h
lib/file/nf4.h:
