/work/w1/outx/obj/lib/model/known.o: lib/model/known.c lib/model/known.h \
 lib/sys/fault.h lib/file/json.h lib/sys/die.h lib/sys/setting.h
lib/model/known.h:
lib/sys/fault.h:
lib/file/json.h:
lib/sys/die.h:
lib/sys/setting.h:
