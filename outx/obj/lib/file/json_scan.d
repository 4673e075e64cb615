/work/w1/outx/obj/lib/file/json_scan.o: lib/file/json_scan.c lib/file/json_scan.h \
 lib/file/utf8.h
lib/file/json_scan.h:
lib/file/utf8.h:
