/work/w1/outx/obj/lib/model/folder.o: lib/model/folder.c \
 lib/model/folder.h lib/file/safetensors.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/sys/map.h lib/sys/fault.h lib/file/json.h \
 lib/model/known.h lib/stream/ignore.h lib/sys/die.h lib/sys/memory.h \
 lib/sys/setting.h
lib/model/folder.h:
lib/file/safetensors.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/file/json.h:
lib/model/known.h:
lib/stream/ignore.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/setting.h:
