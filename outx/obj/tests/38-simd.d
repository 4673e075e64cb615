/work/w1/outx/obj/tests/38-simd.o: tests/38-simd.c tests/formula.h lib/sys/simd.h
tests/formula.h:
lib/sys/simd.h:
