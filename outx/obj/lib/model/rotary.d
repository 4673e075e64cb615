/work/w1/outx/obj/lib/model/rotary.o: lib/model/rotary.c lib/model/rotary.h \
 lib/sys/fault.h
lib/model/rotary.h:
lib/sys/fault.h:
