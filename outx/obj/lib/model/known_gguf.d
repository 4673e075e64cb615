/work/w1/outx/obj/lib/model/known_gguf.o: lib/model/known_gguf.c \
 lib/model/known_gguf.h lib/file/gguf.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/sys/map.h lib/sys/fault.h lib/model/known.h \
 lib/file/json.h lib/stream/ignore.h
lib/model/known_gguf.h:
lib/file/gguf.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/model/known.h:
lib/file/json.h:
lib/stream/ignore.h:
