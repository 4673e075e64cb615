/work/w1/outx/obj/lib/model/adapter_config.o: lib/model/adapter_config.c \
 lib/model/adapter_config.h lib/sys/fault.h lib/file/json.h \
 lib/model/known.h lib/model/pattern.h lib/stream/ignore.h \
 lib/sys/memory.h
lib/model/adapter_config.h:
lib/sys/fault.h:
lib/file/json.h:
lib/model/known.h:
lib/model/pattern.h:
lib/stream/ignore.h:
lib/sys/memory.h:
