/work/w1/outx/obj/tests/helper/killat.o: tests/helper/killat.c
