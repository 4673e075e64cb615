/work/w1/outx/obj/lib/file/inputs.o: lib/file/inputs.c lib/file/inputs.h \
 lib/file/json.h lib/sys/fault.h lib/sys/die.h lib/sys/memory.h
lib/file/inputs.h:
lib/file/json.h:
lib/sys/fault.h:
lib/sys/die.h:
lib/sys/memory.h:
