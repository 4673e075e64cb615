/work/w1/outx/obj/tests/helper/random-records.o: tests/helper/random-records.c \
 lib/cli/cli.h lib/cli/opt.h lib/cli/settings.h lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/sys/die.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/sys/die.h:
