/work/w1/outx/obj/lib/forward/batch.o: lib/forward/batch.c lib/forward/batch.h \
 lib/ops.h lib/sys/memory.h
lib/forward/batch.h:
lib/ops.h:
lib/sys/memory.h:
