/work/w1/outx/obj/lib/export/merge.o: lib/export/merge.c lib/export/merge.h \
 lib/model/model.h lib/cli/settings.h lib/file/tensor.h \
 lib/file/tensor_type.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h \
 lib/stream/sums.h lib/sys/output.h lib/export/merge_rows.h \
 lib/file/nf4.h lib/sys/copy.h lib/sys/crew.h lib/sys/die.h lib/sys/map.h \
 lib/sys/memory.h lib/sys/progress.h lib/sys/threads.h
lib/export/merge.h:
lib/model/model.h:
lib/cli/settings.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/sys/output.h:
lib/export/merge_rows.h:
lib/file/nf4.h:
lib/sys/copy.h:
lib/sys/crew.h:
lib/sys/die.h:
lib/sys/map.h:
lib/sys/memory.h:
lib/sys/progress.h:
lib/sys/threads.h:
