/work/w1/outx/obj/lib/token/tok_check.o: lib/token/tok_check.c \
 lib/token/tok_check.h lib/model/model.h lib/cli/settings.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/model/arch.h \
 lib/stream/records.h lib/stream/rec.h lib/stream/kinds.h lib/sys/fault.h \
 lib/stream/mp.h lib/stream/sums.h lib/sys/die.h lib/token/tok.h
lib/token/tok_check.h:
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
lib/sys/die.h:
lib/token/tok.h:
