/work/w1/outx/obj/tests/46-ops-wide.o: tests/46-ops-wide.c tests/arrays.h \
 tests/formula.h lib/ops.h tests/plain.h
tests/arrays.h:
tests/formula.h:
lib/ops.h:
tests/plain.h:
