/work/w1/outx/obj/lib/heal/shuffle.o: lib/heal/shuffle.c lib/heal/shuffle.h \
 lib/philox.h
lib/heal/shuffle.h:
lib/philox.h:
