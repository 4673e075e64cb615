/work/w1/outx/obj/lib/model/hub.o: lib/model/hub.c lib/model/hub.h lib/file/json.h \
 lib/sys/fault.h lib/sys/die.h lib/sys/memory.h lib/sys/steady.h
lib/model/hub.h:
lib/file/json.h:
lib/sys/fault.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/steady.h:
