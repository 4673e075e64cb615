/work/w1/outx/obj/tests/20-quant.o: tests/20-quant.c lib/file/gguf.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/sys/map.h lib/sys/fault.h \
 lib/file/json.h lib/file/half.h tests/formula.h tests/lacks.h \
 tests/golden.h
lib/file/gguf.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/file/json.h:
lib/file/half.h:
tests/formula.h:
tests/lacks.h:
tests/golden.h:
