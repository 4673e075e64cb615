/work/w1/outx/obj/tests/helper/cutflip.o: tests/helper/cutflip.c \
 tests/helper/../preload/serve.h
tests/helper/../preload/serve.h:
