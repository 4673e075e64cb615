/work/w1/outx/obj/lib/model/arch_gguf.o: lib/model/arch_gguf.c lib/file/gguf.h \
 lib/file/tensor.h lib/file/tensor_type.h lib/sys/map.h lib/sys/fault.h \
 lib/model/family.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h \
 lib/model/known_gguf.h lib/model/known.h lib/model/rotary.h
lib/file/gguf.h:
lib/file/tensor.h:
lib/file/tensor_type.h:
lib/sys/map.h:
lib/sys/fault.h:
lib/model/family.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/model/known_gguf.h:
lib/model/known.h:
lib/model/rotary.h:
