/work/w1/outx/obj/lib/eval/mmlu_read.o: lib/eval/mmlu_read.c \
 lib/eval/mmlu_read.h lib/file/csv.h lib/sys/fault.h lib/file/input.h \
 lib/file/inputs.h lib/file/json.h lib/file/sniff.h lib/file/tar.h \
 lib/file/text.h lib/file/utf8.h lib/sys/die.h lib/sys/memory.h \
 lib/sys/near.h lib/sys/setting.h
lib/eval/mmlu_read.h:
lib/file/csv.h:
lib/sys/fault.h:
lib/file/input.h:
lib/file/inputs.h:
lib/file/json.h:
lib/file/sniff.h:
lib/file/tar.h:
lib/file/text.h:
lib/file/utf8.h:
lib/sys/die.h:
lib/sys/memory.h:
lib/sys/near.h:
lib/sys/setting.h:
