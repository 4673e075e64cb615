/work/w1/outx/obj/tools/c4-tokenize.o: tools/c4-tokenize.c lib/cli/cli.h \
 lib/cli/opt.h lib/cli/settings.h lib/cli/shortfall.h lib/file/json.h \
 lib/sys/fault.h lib/file/text.h lib/model/ref.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h \
 lib/sys/die.h lib/sys/memory.h lib/sys/progress.h lib/token/feed.h \
 lib/token/tok.h
lib/cli/cli.h:
lib/cli/opt.h:
lib/cli/settings.h:
lib/cli/shortfall.h:
lib/file/json.h:
lib/sys/fault.h:
lib/file/text.h:
lib/model/ref.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/progress.h:
lib/token/feed.h:
lib/token/tok.h:
