/work/w1/outx/obj/tools/rec-make.o: tools/rec-make.c lib/cli/cli.h lib/cli/opt.h \
 lib/cli/settings.h lib/file/sniff.h lib/stream/mpjson.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/rec.h lib/stream/mp.h \
 lib/sys/die.h lib/sys/near.h lib/sys/steady.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/file/sniff.h:
lib/stream/mpjson.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/rec.h:
lib/stream/mp.h:
lib/sys/die.h:
lib/sys/near.h:
lib/sys/steady.h:
