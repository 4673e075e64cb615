/work/w1/outx/obj/tests/71-random.o: tests/71-random.c lib/heal/shuffle.h \
 lib/heal/schedule.h lib/philox.h tests/golden.h
lib/heal/shuffle.h:
lib/heal/schedule.h:
lib/philox.h:
tests/golden.h:
