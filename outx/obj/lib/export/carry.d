/work/w1/outx/obj/lib/export/carry.o: lib/export/carry.c lib/export/carry.h \
 lib/model/folder.h lib/file/safetensors.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/sys/map.h lib/sys/fault.h lib/model/known.h \
 lib/sys/copy.h lib/sys/output.h lib/sys/die.h lib/sys/memory.h
lib/export/carry.h:
lib/model/folder.h:
lib/file/safetensors.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/model/known.h:
lib/sys/copy.h:
lib/sys/output.h:
lib/sys/die.h:
lib/sys/memory.h:
