/work/w1/outx/obj/lib/forward/buffers.o: lib/forward/buffers.c \
 lib/forward/buffers.h lib/ops.h
lib/forward/buffers.h:
lib/ops.h:
