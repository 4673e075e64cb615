/work/w1/outx/obj/tests/bench/synth.o: tests/bench/synth.c lib/cli/cli.h \
 lib/cli/opt.h lib/cli/settings.h lib/sys/die.h lib/sys/memory.h \
 lib/sys/output.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/output.h:
