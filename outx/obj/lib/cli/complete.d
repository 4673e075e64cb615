/work/w1/outx/obj/lib/cli/complete.o: lib/cli/complete.c lib/cli/complete.h \
 lib/cli/opt.h lib/cli/words.h
lib/cli/complete.h:
lib/cli/opt.h:
lib/cli/words.h:
