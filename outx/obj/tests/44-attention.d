/work/w1/outx/obj/tests/44-attention.o: tests/44-attention.c tests/arrays.h \
 tests/formula.h lib/ops.h tests/plain.h
tests/arrays.h:
tests/formula.h:
lib/ops.h:
tests/plain.h:
