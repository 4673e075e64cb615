/work/w1/outx/obj/lib/cli/spelling.o: lib/cli/spelling.c \
 lib/cli/spelling.h lib/sys/setting.h
lib/cli/spelling.h:
lib/sys/setting.h:
