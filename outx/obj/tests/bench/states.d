/work/w1/outx/obj/tests/bench/states.o: tests/bench/states.c lib/cli/cli.h \
 lib/cli/opt.h lib/cli/settings.h lib/cli/value.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/sys/die.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/cli/value.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/sys/die.h:
