/work/w1/outx/obj/lib/file/sniff.o: lib/file/sniff.c lib/file/sniff.h lib/sys/io.h
lib/file/sniff.h:
lib/sys/io.h:
