/work/w1/outx/obj/lib/export/checkpoint_hf.o: lib/export/checkpoint_hf.c \
 lib/export/carry.h lib/model/folder.h lib/file/safetensors.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/sys/map.h lib/sys/fault.h \
 lib/export/checkpoint.h lib/export/merge.h lib/model/model.h \
 lib/cli/settings.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h \
 lib/sys/output.h lib/export/config_drop.h lib/export/renumber.h \
 lib/file/json.h lib/model/bnb.h lib/sys/copy.h lib/sys/die.h \
 lib/sys/memory.h
lib/export/carry.h:
lib/model/folder.h:
lib/file/safetensors.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/export/checkpoint.h:
lib/export/merge.h:
lib/model/model.h:
lib/cli/settings.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/sys/output.h:
lib/export/config_drop.h:
lib/export/renumber.h:
lib/file/json.h:
lib/model/bnb.h:
lib/sys/copy.h:
lib/sys/die.h:
lib/sys/memory.h:
