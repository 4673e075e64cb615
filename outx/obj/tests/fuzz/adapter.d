/work/w1/outx/obj/tests/fuzz/adapter.o: tests/fuzz/adapter.c lib/file/json.h \
 lib/sys/fault.h tests/fuzz/fuzz.h lib/model/adapter_config.h
lib/file/json.h:
lib/sys/fault.h:
tests/fuzz/fuzz.h:
lib/model/adapter_config.h:
