/work/w1/outx/obj/tests/40-ops.o: tests/40-ops.c tests/arrays.h tests/formula.h \
 lib/ops.h tests/plain.h
tests/arrays.h:
tests/formula.h:
lib/ops.h:
tests/plain.h:
