/work/w1/outx/obj/lib/file/text.o: lib/file/text.c lib/file/text.h lib/sys/fault.h \
 lib/file/input.h lib/file/sniff.h lib/file/source.h lib/sys/die.h \
 lib/sys/memory.h
lib/file/text.h:
lib/sys/fault.h:
lib/file/input.h:
lib/file/sniff.h:
lib/file/source.h:
lib/sys/die.h:
lib/sys/memory.h:
