/work/w1/outx/obj/lib/sys/copy.o: lib/sys/copy.c lib/sys/copy.h lib/sys/output.h \
 lib/sys/die.h lib/sys/map.h lib/sys/fault.h lib/sys/progress.h \
 lib/sys/threads.h
lib/sys/copy.h:
lib/sys/output.h:
lib/sys/die.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/sys/progress.h:
lib/sys/threads.h:
