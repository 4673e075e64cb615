/work/w1/outx/obj/lib/model/model.o: lib/model/model.c lib/model/model.h \
 lib/cli/settings.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/model/arch.h lib/stream/records.h lib/stream/rec.h \
 lib/stream/kinds.h lib/sys/fault.h lib/stream/mp.h lib/stream/sums.h \
 lib/file/inputs.h lib/file/sniff.h lib/model/hub.h lib/model/ref.h \
 lib/stream/ignore.h lib/sys/die.h lib/sys/memory.h lib/sys/setting.h
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
lib/file/inputs.h:
lib/file/sniff.h:
lib/model/hub.h:
lib/model/ref.h:
lib/stream/ignore.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/setting.h:
