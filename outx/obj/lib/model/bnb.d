/work/w1/outx/obj/lib/model/bnb.o: lib/model/bnb.c lib/model/bnb.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/model/folder.h \
 lib/file/safetensors.h lib/sys/map.h lib/sys/fault.h lib/file/json.h \
 lib/model/known.h
lib/model/bnb.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/model/folder.h:
lib/file/safetensors.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/file/json.h:
lib/model/known.h:
