/work/w1/outx/obj/tests/bench/timed.o: tests/bench/timed.c
