/work/w1/outx/obj/lib/sys/setting.o: lib/sys/setting.c lib/sys/setting.h
lib/sys/setting.h:
