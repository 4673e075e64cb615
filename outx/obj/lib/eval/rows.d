/work/w1/outx/obj/lib/eval/rows.o: lib/eval/rows.c lib/eval/rows.h lib/file/text.h \
 lib/sys/fault.h lib/cli/shortfall.h lib/sys/die.h
lib/eval/rows.h:
lib/file/text.h:
lib/sys/fault.h:
lib/cli/shortfall.h:
lib/sys/die.h:
