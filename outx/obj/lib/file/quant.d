/work/w1/outx/obj/lib/file/quant.o: lib/file/quant.c lib/file/quant.h \
 lib/file/tensor_type.h lib/file/half.h
lib/file/quant.h:
lib/file/tensor_type.h:
lib/file/half.h:
