/work/w1/outx/obj/lib/model/pattern.o: lib/model/pattern.c lib/model/pattern.h \
 lib/sys/fault.h lib/sys/die.h lib/sys/memory.h
lib/model/pattern.h:
lib/sys/fault.h:
lib/sys/die.h:
lib/sys/memory.h:
