/work/w1/outx/obj/tools/angdist.o: tools/angdist.c lib/angle/angle.h \
 lib/stream/positions.h lib/sys/fault.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h \
 lib/cli/cli.h lib/cli/opt.h lib/cli/settings.h lib/file/json.h \
 lib/sys/die.h
lib/angle/angle.h:
lib/stream/positions.h:
lib/sys/fault.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/file/json.h:
lib/sys/die.h:
