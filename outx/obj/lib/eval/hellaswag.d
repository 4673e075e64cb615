/work/w1/outx/obj/lib/eval/hellaswag.o: lib/eval/hellaswag.c lib/eval/hellaswag.h \
 lib/file/utf8.h lib/sys/memory.h
lib/eval/hellaswag.h:
lib/file/utf8.h:
lib/sys/memory.h:
