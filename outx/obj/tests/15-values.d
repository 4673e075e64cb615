/work/w1/outx/obj/tests/15-values.o: tests/15-values.c lib/cli/value.h \
 lib/cli/opt.h
lib/cli/value.h:
lib/cli/opt.h:
