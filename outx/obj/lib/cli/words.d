/work/w1/outx/obj/lib/cli/words.o: lib/cli/words.c lib/cli/words.h lib/cli/opt.h \
 lib/sys/die.h lib/sys/near.h
lib/cli/words.h:
lib/cli/opt.h:
lib/sys/die.h:
lib/sys/near.h:
