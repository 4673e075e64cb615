/work/w1/outx/obj/tools/rec-cat.o: tools/rec-cat.c lib/cli/cli.h lib/cli/opt.h \
 lib/cli/settings.h lib/stream/chain.h lib/stream/fields.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mpjson.h lib/stream/rec.h \
 lib/stream/mp.h lib/sys/die.h lib/sys/output.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/stream/chain.h:
lib/stream/fields.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mpjson.h:
lib/stream/rec.h:
lib/stream/mp.h:
lib/sys/die.h:
lib/sys/output.h:
