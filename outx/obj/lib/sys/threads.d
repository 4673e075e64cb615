/work/w1/outx/obj/lib/sys/threads.o: lib/sys/threads.c lib/sys/threads.h \
 lib/sys/environment.h lib/sys/steady.h
lib/sys/threads.h:
lib/sys/environment.h:
lib/sys/steady.h:
