/work/w1/outx/obj/lib/file/tensor.o: lib/file/tensor.c lib/file/tensor.h \
 lib/file/tensor_type.h lib/file/half.h lib/file/quant.h
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/file/half.h:
lib/file/quant.h:
