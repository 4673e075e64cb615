/work/w1/outx/obj/lib/sys/resources.o: lib/sys/resources.c lib/sys/die.h \
 lib/sys/memory.h lib/sys/setting.h
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/setting.h:
