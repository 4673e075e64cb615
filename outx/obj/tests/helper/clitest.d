/work/w1/outx/obj/tests/helper/clitest.o: tests/helper/clitest.c lib/cli/cli.h \
 lib/cli/opt.h lib/cli/settings.h lib/sys/budget.h lib/sys/die.h \
 lib/sys/memory.h lib/sys/output.h lib/sys/progress.h lib/sys/temp.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/sys/budget.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/output.h:
lib/sys/progress.h:
lib/sys/temp.h:
