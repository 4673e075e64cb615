/work/w1/outx/obj/tests/22-parsers.o: tests/22-parsers.c lib/file/gguf.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/sys/map.h lib/sys/fault.h \
 lib/file/json.h lib/file/safetensors.h tests/files.h
lib/file/gguf.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/file/json.h:
lib/file/safetensors.h:
tests/files.h:
