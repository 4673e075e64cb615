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
/* Creates PATH.part, or empties the one that a killed run left, and locks it; dies where a live run
 * has the lock. It is registered to be removed by die, SIGINT and SIGTERM. */
struct out_file out_open(const char *path);
/* The same with temp as the name of the temporary file, for a caller that has locked path already.
 * */
struct out_file out_open_as(const char *path, const char *temp);
/* Flushes, syncs and checks the file, then renames it to PATH. */
void out_close(struct out_file *o);
/* The same, but leaves renaming to out_publish. The file or folder `rest`, where it is not NULL, is
 * removed after that. */
void out_finish(struct out_file *o, const char *rest);

/* A new folder, written as PATH.part/new. PATH.part is locked, and emptied of what a killed run
 * left in it. */
struct out_folder {
	char *path, *part, *temp;
};
struct out_folder out_folder_open(const char *path); /* dies if path exists */
/* Leaves the renaming of the folder to out_publish, which then prints the line `said`, where it is
 * not NULL. */
void out_folder_finish(struct out_folder *o, const char *said);

/* Renames all files and folders that were finished. stdout_close calls it; a tool that writes no
 * records calls it itself. Returns 1 if there were any, and then everything that was written to
 * standard output is on the disk, too; else 0. */
int out_publish(void);

/* Ends standard output, and is the last call that writes to it: flushes it, calls out_publish, and
 * closes it. Dies if anything was not written. */
void stdout_close(void);

#endif
