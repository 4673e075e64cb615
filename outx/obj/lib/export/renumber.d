/work/w1/outx/obj/lib/export/renumber.o: lib/export/renumber.c \
 lib/export/renumber.h lib/sys/memory.h
lib/export/renumber.h:
lib/sys/memory.h:
