/work/w1/outx/obj/lib/angle/resample.o: lib/angle/resample.c lib/angle/resample.h \
 lib/stream/kinds.h lib/sys/fault.h lib/philox.h
lib/angle/resample.h:
lib/stream/kinds.h:
lib/sys/fault.h:
lib/philox.h:
