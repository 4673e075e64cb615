/work/w1/outx/obj/lib/file/stsave.o: lib/file/stsave.c lib/file/stsave.h \
 lib/file/safetensors.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/sys/map.h lib/sys/fault.h lib/file/json.h lib/sys/die.h \
 lib/sys/memory.h lib/sys/output.h
lib/file/stsave.h:
lib/file/safetensors.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/file/json.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/output.h:
