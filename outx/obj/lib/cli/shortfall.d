/work/w1/outx/obj/lib/cli/shortfall.o: lib/cli/shortfall.c lib/cli/shortfall.h \
 lib/sys/die.h
lib/cli/shortfall.h:
lib/sys/die.h:
