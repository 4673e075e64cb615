/* hub - models in the hub's cache on this machine: found by their id, and called by it
 *
 * The cache is laid out as the huggingface_hub library does it: models--ORG--NAME/refs/main holds
 * the name of a commit, and snapshots/COMMIT is a folder of links into blobs/. It is read, never
 * written, and no network is used.
 */
#ifndef COPPICE_HUB_H
#define COPPICE_HUB_H

int hub_is_id(const char *name); /* 1: has the form ORG/NAME */
/* The folder of the snapshot that an id means today. New; NULL where the cache has none of this
 * model. Dies where it has no snapshot that is whole enough to be named, or several and no main
 * one. */
char *hub_find(const char *id);
/* The id of the model in whose snapshot a path lies. New; NULL: in none. */
char *hub_id(const char *path);
/* What a model at a path is called: NAME of ORG/NAME in the cache, a GGUF file's name without
 * .gguf, else the name of the folder, as it really is where the path ends in a slash or dots. The
 * path need not exist. New. */
char *model_name(const char *path);
/* Why a folder's weights can't be read: what of config.json and the files with weights is missing,
 * or is a link to nothing, and how to go on, if it lies in the cache. New; NULL: they are all
 * there. */
char *hub_lacks(const char *folder);
/* Dies where a path in the cache is one of a download that is not whole, so that its weights can't
 * be read. */
void hub_check(const char *path);

#endif
