/work/w1/outx/obj/lib/file/gguf.o: lib/file/gguf.c lib/file/gguf.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/sys/map.h lib/sys/fault.h \
 lib/file/sniff.h lib/sys/die.h lib/sys/memory.h
lib/file/gguf.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/file/sniff.h:
lib/sys/die.h:
lib/sys/memory.h:
