/work/w1/outx/obj/tests/37-crew.o: tests/37-crew.c lib/sys/crew.h
lib/sys/crew.h:
