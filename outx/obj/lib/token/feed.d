/work/w1/outx/obj/lib/token/feed.o: lib/token/feed.c lib/token/feed.h \
 lib/file/text.h lib/sys/fault.h lib/token/tok.h lib/sys/crew.h \
 lib/sys/die.h lib/sys/memory.h lib/sys/progress.h
lib/token/feed.h:
lib/file/text.h:
lib/sys/fault.h:
lib/token/tok.h:
lib/sys/crew.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/progress.h:
