/work/w1/outx/obj/tests/48-coded.o: tests/48-coded.c lib/file/nf4.h tests/formula.h \
 lib/ops.h
lib/file/nf4.h:
tests/formula.h:
lib/ops.h:
