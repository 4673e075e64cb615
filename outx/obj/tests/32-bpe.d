/work/w1/outx/obj/tests/32-bpe.o: tests/32-bpe.c lib/token/bpe.h lib/token/vocab.h \
 lib/sys/fault.h
lib/token/bpe.h:
lib/token/vocab.h:
lib/sys/fault.h:
