/work/w1/outx/obj/tests/41-back.o: tests/41-back.c tests/formula.h tests/golden.h \
 lib/ops.h tests/plain.h lib/philox.h
tests/formula.h:
tests/golden.h:
lib/ops.h:
tests/plain.h:
lib/philox.h:
