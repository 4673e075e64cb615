/* folder - a Hugging Face checkpoint: config.json and one or many safetensors files as one set of
 * tensors
 *
 * Symbolic links, as the hub's cache has them, are followed. The index is checked against the files
 * (coppice-files(5), SAFETENSORS).
 */
#ifndef COPPICE_FOLDER_H
#define COPPICE_FOLDER_H

#include "file/safetensors.h"

struct folder {
	char *path;
	json_t *config;    /* without the keys that are to be ignored */
	int n_ignored;     /* how many those were */
	char *config_text; /* config.json as it stands */
	size_t n_config;
	struct st *files;
	char **names; /* [n_files], as in the index */
	size_t n_files;
	json_t *index; /* model.safetensors.index.json, NULL: one file */
	/* of all files, sorted by name */
	struct {
		const struct st_tensor *tensor;
		size_t file;
	} * tensors;
	size_t n_tensors;
};

/* folder_open reads the config.json of the folder at path, and returns it, new, freed by
 * folder_close; folder_map then maps the weights and checks them. Both die with one line. */
struct folder *folder_open(const char *path);
void folder_map(struct folder *f);
void folder_scattered(const struct folder *f, int on); /* map_scattered of each file */
void folder_close(struct folder *f);
/* Returns the tensor of that name; NULL: there is none. */
const struct st_tensor *folder_find(const struct folder *f, const char *name);

#endif
