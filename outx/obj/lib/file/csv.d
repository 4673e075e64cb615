/work/w1/outx/obj/lib/file/csv.o: lib/file/csv.c lib/file/csv.h lib/sys/fault.h \
 lib/file/utf8.h lib/sys/memory.h
lib/file/csv.h:
lib/sys/fault.h:
lib/file/utf8.h:
lib/sys/memory.h:
