/work/w1/outx/obj/lib/cli/eval_options.o: lib/cli/eval_options.c \
 lib/cli/eval_options.h lib/cli/opt.h lib/sys/die.h
lib/cli/eval_options.h:
lib/cli/opt.h:
lib/sys/die.h:
