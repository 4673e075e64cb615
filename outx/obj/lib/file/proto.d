/work/w1/outx/obj/lib/file/proto.o: lib/file/proto.c lib/file/proto.h
lib/file/proto.h:
