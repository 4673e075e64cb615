/work/w1/outx/obj/lib/model/arch_config.o: lib/model/arch_config.c lib/file/json.h \
 lib/sys/fault.h lib/model/config_class.h lib/model/known.h \
 lib/model/family.h lib/model/arch.h lib/stream/records.h \
 lib/stream/rec.h lib/stream/kinds.h lib/stream/mp.h lib/stream/sums.h \
 lib/model/rotary.h
lib/file/json.h:
lib/sys/fault.h:
lib/model/config_class.h:
lib/model/known.h:
lib/model/family.h:
lib/model/arch.h:
lib/stream/records.h:
lib/stream/rec.h:
lib/stream/kinds.h:
lib/stream/mp.h:
lib/stream/sums.h:
lib/model/rotary.h:
