/work/w1/outx/obj/lib/sys/fault.o: lib/sys/fault.c lib/sys/fault.h
lib/sys/fault.h:
