/work/w1/outx/obj/tests/49-teams.o: tests/49-teams.c tests/arrays.h tests/formula.h \
 lib/ops.h
tests/arrays.h:
tests/formula.h:
lib/ops.h:
