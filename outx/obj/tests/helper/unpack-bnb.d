/work/w1/outx/obj/tests/helper/unpack-bnb.o: tests/helper/unpack-bnb.c \
 tests/helper/../formula.h
tests/helper/../formula.h:
