/work/w1/outx/obj/tests/helper/make-tiny.o: tests/helper/make-tiny.c \
 tests/helper/../formula.h tests/helper/../golden.h
tests/helper/../formula.h:
tests/helper/../golden.h:
