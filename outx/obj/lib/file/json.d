/work/w1/outx/obj/lib/file/json.o: lib/file/json.c lib/file/json.h lib/sys/fault.h \
 lib/file/sniff.h lib/sys/map.h
lib/file/json.h:
lib/sys/fault.h:
lib/file/sniff.h:
lib/sys/map.h:
