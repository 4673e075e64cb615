/work/w1/outx/obj/lib/sys/budget.o: lib/sys/budget.c lib/sys/budget.h \
 lib/sys/steady.h lib/sys/threads.h
lib/sys/budget.h:
lib/sys/steady.h:
lib/sys/threads.h:
