/work/w1/outx/obj/tests/fuzz/safetensors.o: tests/fuzz/safetensors.c \
 lib/file/safetensors.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/sys/map.h lib/sys/fault.h tests/fuzz/fuzz.h
lib/file/safetensors.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
tests/fuzz/fuzz.h:
