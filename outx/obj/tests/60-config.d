/work/w1/outx/obj/tests/60-config.o: tests/60-config.c lib/export/config_drop.h \
 lib/sys/fault.h
lib/export/config_drop.h:
lib/sys/fault.h:
