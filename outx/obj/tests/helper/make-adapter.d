/work/w1/outx/obj/tests/helper/make-adapter.o: tests/helper/make-adapter.c \
 tests/helper/../formula.h
tests/helper/../formula.h:
