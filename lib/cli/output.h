/* output - files and folders that appear whole, and together with what standard output says of them
 *
 * An output is written as PATH.part and, finished, waits until all records are on standard output:
 * then it gets its name, and only then standard output is closed. So either both are there or
 * neither; a reader that reads a stream to its end finds what it names; and a run killed in between
 * is simply run again.
 */
#ifndef COPPICE_OUTPUT_H
#define COPPICE_OUTPUT_H

#include "cli/cli.h"

/* out_open under another name of the temporary, for a caller that has path to itself already. */
struct out_file out_open_as(const char *path, const char *temp);
/* out_close, but for the name: it comes with out_publish, after which the file or folder rest is
 * removed (NULL: none). */
void out_finish(struct out_file *o, const char *rest);

/* A new folder, written as PATH.part/new; PATH.part is claimed, and cleared of what a killed run
 * left. */
struct out_folder {
	char *path, *part, *temp;
};
struct out_folder out_folder_open(const char *path); /* dies if path exists */
/* It waits for out_publish; said, if not NULL, is then said. */
void out_folder_finish(struct out_folder *o, const char *said);

/* Gives all that waits its name. stdout_close calls it; a tool that writes no records does. */
/* 1: some did, and all that was written to standard output is on the disk, too */
int out_publish(void);

#endif
