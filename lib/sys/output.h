/* output - files and folders that appear whole, and together with what standard output says of them
 *
 * An output is written as PATH.part and, finished, waits until all records are on standard output:
 * then it gets its name, and only then standard output is closed. So either both are there or
 * neither; a reader that reads a stream to its end finds what it names; and a run killed in between
 * is simply run again.
 *
 * Whatever fails here ends the program with one line.
 */
#ifndef COPPICE_OUTPUT_H
#define COPPICE_OUTPUT_H

#include <stdio.h>

/* A file that is written beside its place and renamed into it. */
struct out_file {
	FILE *f;
	int fd;
	char *path, *temp;
};
/* Creates PATH.part, or clears what a killed run left there, locks it (dies where a live run holds
 * it) and registers it to be removed by die, SIGINT and SIGTERM. */
struct out_file out_open(const char *path);
/* The same under another name of the temporary, for a caller that has path to itself already. */
struct out_file out_open_as(const char *path, const char *temp);
/* Flushes, syncs, checks and renames: only then PATH is new. */
void out_close(struct out_file *o);
/* As out_close, but for the name: it comes with out_publish, after which the file or folder rest is
 * removed (NULL: none). */
void out_finish(struct out_file *o, const char *rest);

/* A new folder, written as PATH.part/new; PATH.part is claimed, and cleared of what a killed run
 * left. */
struct out_folder {
	char *path, *part, *temp;
};
struct out_folder out_folder_open(const char *path); /* dies if path exists */
/* The folder waits for out_publish; said, if not NULL, is then said. */
void out_folder_finish(struct out_folder *o, const char *said);

/* Gives all that waits its name. stdout_close calls it; a tool that writes no records does. Returns
 * 1 if some waited, and then all that was written to standard output is on the disk, too. */
int out_publish(void);

/* What a tool does last with standard output: flushes it, then publishes what waits, then closes
 * it; dies if anything was not written. */
void stdout_close(void);

#endif
