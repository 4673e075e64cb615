/work/w1/outx/obj/lib/export/config_drop.o: lib/export/config_drop.c \
 lib/export/config_drop.h lib/sys/fault.h lib/model/known.h lib/sys/die.h \
 lib/sys/memory.h
lib/export/config_drop.h:
lib/sys/fault.h:
lib/model/known.h:
lib/sys/die.h:
lib/sys/memory.h:
