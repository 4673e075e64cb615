/work/w1/outx/obj/tests/bench/tokspeed.o: tests/bench/tokspeed.c lib/cli/cli.h \
 lib/cli/opt.h lib/cli/settings.h lib/file/text.h lib/sys/fault.h \
 lib/sys/die.h lib/sys/memory.h lib/token/tok.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/file/text.h:
lib/sys/fault.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/token/tok.h:
