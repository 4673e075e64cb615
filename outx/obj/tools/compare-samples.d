/work/w1/outx/obj/tools/compare-samples.o: tools/compare-samples.c \
 lib/cli/cli.h lib/cli/opt.h lib/cli/settings.h lib/eval/pairing.h \
 lib/eval/paired.h lib/sys/die.h lib/sys/output.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/eval/pairing.h:
lib/eval/paired.h:
lib/sys/die.h:
lib/sys/output.h:
