/work/w1/outx/obj/lib/heal/schedule.o: lib/heal/schedule.c lib/heal/schedule.h
lib/heal/schedule.h:
