/work/w1/outx/obj/lib/model/known_rows.o: lib/model/known_rows.c lib/model/known.h \
 lib/sys/fault.h
lib/model/known.h:
lib/sys/fault.h:
