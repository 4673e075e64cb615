/work/w1/outx/obj/lib/cli/value.o: lib/cli/value.c lib/cli/value.h lib/cli/opt.h
lib/cli/value.h:
lib/cli/opt.h:
