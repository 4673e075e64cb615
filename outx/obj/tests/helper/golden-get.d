/work/w1/outx/obj/tests/helper/golden-get.o: tests/helper/golden-get.c
