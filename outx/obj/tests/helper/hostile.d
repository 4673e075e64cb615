/work/w1/outx/obj/tests/helper/hostile.o: tests/helper/hostile.c \
 tests/helper/../files.h
tests/helper/../files.h:
