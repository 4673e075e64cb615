/work/w1/outx/obj/tests/helper/gguf-pairs.o: tests/helper/gguf-pairs.c \
 lib/file/gguf.h lib/file/tensor.h lib/file/tensor_type.h lib/sys/map.h \
 lib/sys/fault.h
lib/file/gguf.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
