/work/w1/outx/obj/lib/eval/posed.o: lib/eval/posed.c lib/eval/posed.h \
 lib/sys/memory.h
lib/eval/posed.h:
lib/sys/memory.h:
