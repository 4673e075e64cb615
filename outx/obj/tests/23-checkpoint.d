/work/w1/outx/obj/tests/23-checkpoint.o: tests/23-checkpoint.c lib/file/half.h \
 lib/file/json.h lib/sys/fault.h tests/files.h tests/formula.h \
 tests/golden.h lib/model/bnb.h lib/file/tensor.h lib/file/tensor_type.h \
 lib/model/folder.h lib/file/safetensors.h lib/sys/map.h \
 lib/model/model.h lib/cli/settings.h lib/model/arch.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h \
 lib/stream/sums.h
lib/file/half.h:
lib/file/json.h:
lib/sys/fault.h:
tests/files.h:
tests/formula.h:
tests/golden.h:
lib/model/bnb.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/model/folder.h:
lib/file/safetensors.h:
lib/sys/map.h:
lib/model/model.h:
lib/cli/settings.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
