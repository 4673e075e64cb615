/work/w1/outx/obj/lib/export/checkpoint.o: lib/export/checkpoint.c \
 lib/export/checkpoint.h lib/export/merge.h lib/model/model.h \
 lib/cli/settings.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/model/arch.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/stream/sums.h \
 lib/sys/output.h lib/export/card.h lib/model/hub.h lib/stream/place.h \
 lib/sys/die.h lib/sys/memory.h lib/sys/progress.h
lib/export/checkpoint.h:
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
lib/export/card.h:
lib/model/hub.h:
lib/stream/place.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/progress.h:
