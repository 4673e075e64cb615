/work/w1/outx/obj/lib/file/tensor_type.o: lib/file/tensor_type.c \
 lib/file/tensor_type.h
lib/file/tensor_type.h:
