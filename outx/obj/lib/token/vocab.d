/work/w1/outx/obj/lib/token/vocab.o: lib/token/vocab.c lib/token/vocab.h \
 lib/sys/fault.h lib/file/utf8.h lib/sys/die.h lib/sys/memory.h \
 lib/sys/hugepage.h
lib/token/vocab.h:
lib/sys/fault.h:
lib/file/utf8.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/hugepage.h:
