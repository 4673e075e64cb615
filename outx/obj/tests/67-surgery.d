/work/w1/outx/obj/tests/67-surgery.o: tests/67-surgery.c lib/export/merge_rows.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/file/half.h lib/sys/copy.h \
 lib/sys/output.h lib/sys/memory.h lib/sys/temp.h lib/sys/threads.h
lib/export/merge_rows.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/file/half.h:
lib/sys/copy.h:
lib/sys/output.h:
lib/sys/memory.h:
lib/sys/temp.h:
lib/sys/threads.h:
