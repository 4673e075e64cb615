/work/w1/outx/obj/lib/file/safetensors.o: lib/file/safetensors.c \
 lib/file/safetensors.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/sys/map.h lib/sys/fault.h lib/file/json.h lib/file/sniff.h \
 lib/sys/memory.h
lib/file/safetensors.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/file/json.h:
lib/file/sniff.h:
lib/sys/memory.h:
