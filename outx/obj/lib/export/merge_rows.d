/work/w1/outx/obj/lib/export/merge_rows.o: lib/export/merge_rows.c \
 lib/export/merge_rows.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/file/half.h lib/sys/memory.h lib/sys/simd.h
lib/export/merge_rows.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/file/half.h:
lib/sys/memory.h:
lib/sys/simd.h:
