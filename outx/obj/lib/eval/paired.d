/work/w1/outx/obj/lib/eval/paired.o: lib/eval/paired.c lib/eval/paired.h
lib/eval/paired.h:
