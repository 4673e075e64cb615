/work/w1/outx/obj/lib/model/config_class.o: lib/model/config_class.c \
 lib/model/config_class.h lib/model/known.h lib/sys/fault.h \
 lib/file/json.h
lib/model/config_class.h:
lib/model/known.h:
lib/sys/fault.h:
lib/file/json.h:
