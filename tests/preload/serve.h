/* serve - what cutflip and the program that it runs agree on: see serve.c */
#ifndef COPPICE_TESTS_SERVE_H
#define COPPICE_TESTS_SERVE_H

enum { SERVE_GO = 200, SERVE_DONE = 201, SERVE_SECONDS = 60 };

struct served {
	int status; /* as wait(2) has it */
	long kb;    /* the most memory */
};

#endif
