/work/w1/outx/obj/tests/70-nf4.o: tests/70-nf4.c lib/file/nf4.h lib/file/half.h \
 lib/file/tensor.h lib/file/tensor_type.h tests/formula.h tests/golden.h
lib/file/nf4.h:
lib/file/half.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
tests/formula.h:
tests/golden.h:
