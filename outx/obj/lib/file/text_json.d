/work/w1/outx/obj/lib/file/text_json.o: lib/file/text_json.c \
 lib/file/json_scan.h lib/file/text.h lib/sys/fault.h lib/sys/setting.h
lib/file/json_scan.h:
lib/file/text.h:
lib/sys/fault.h:
lib/sys/setting.h:
