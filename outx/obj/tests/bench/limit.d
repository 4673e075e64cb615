/work/w1/outx/obj/tests/bench/limit.o: tests/bench/limit.c lib/cli/cli.h \
 lib/cli/opt.h lib/cli/settings.h lib/ops.h lib/sys/die.h \
 lib/sys/memory.h lib/sys/output.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/ops.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/output.h:
