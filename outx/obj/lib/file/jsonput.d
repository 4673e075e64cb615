/work/w1/outx/obj/lib/file/jsonput.o: lib/file/jsonput.c lib/file/json.h \
 lib/sys/fault.h lib/sys/die.h
lib/file/json.h:
lib/sys/fault.h:
lib/sys/die.h:
