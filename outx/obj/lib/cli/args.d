/work/w1/outx/obj/lib/cli/args.o: lib/cli/args.c lib/cli/args.h lib/cli/opt.h \
 lib/sys/die.h
lib/cli/args.h:
lib/cli/opt.h:
lib/sys/die.h:
