/work/w1/outx/obj/tests/fuzz/dies.o: tests/fuzz/dies.c tests/fuzz/fuzz.h \
 lib/sys/environment.h
tests/fuzz/fuzz.h:
lib/sys/environment.h:
