/work/w1/outx/obj/lib/sys/hugepage.o: lib/sys/hugepage.c lib/sys/hugepage.h \
 lib/sys/die.h
lib/sys/hugepage.h:
lib/sys/die.h:
