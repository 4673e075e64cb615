/work/w1/outx/obj/lib/eval/race.o: lib/eval/race.c lib/eval/race.h lib/eval/posed.h \
 lib/sys/fault.h lib/file/json.h lib/sys/die.h lib/sys/memory.h
lib/eval/race.h:
lib/eval/posed.h:
lib/sys/fault.h:
lib/file/json.h:
lib/sys/die.h:
lib/sys/memory.h:
