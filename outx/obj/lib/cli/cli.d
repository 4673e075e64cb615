/work/w1/outx/obj/lib/cli/cli.o: lib/cli/cli.c lib/cli/cli.h \
 lib/cli/opt.h lib/cli/settings.h lib/cli/args.h lib/cli/complete.h \
 lib/cli/spelling.h lib/sys/setting.h lib/cli/value.h lib/cli/words.h \
 lib/sys/budget.h lib/sys/die.h lib/sys/environment.h lib/sys/memory.h \
 lib/sys/near.h lib/sys/output.h lib/sys/signals.h lib/sys/steady.h \
 lib/sys/threads.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/cli/args.h:
lib/cli/complete.h:
lib/cli/spelling.h:
lib/sys/setting.h:
lib/cli/value.h:
lib/cli/words.h:
lib/sys/budget.h:
lib/sys/die.h:
lib/sys/environment.h:
lib/sys/memory.h:
lib/sys/near.h:
lib/sys/output.h:
lib/sys/signals.h:
lib/sys/steady.h:
lib/sys/threads.h:
