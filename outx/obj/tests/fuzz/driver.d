/work/w1/outx/obj/tests/fuzz/driver.o: tests/fuzz/driver.c tests/fuzz/fuzz.h
tests/fuzz/fuzz.h:
