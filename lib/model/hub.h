/* hub - models in the hub's cache on this machine: found by their id, and called by it
 *
 * The cache is laid out as the huggingface_hub library does it: models--ORG--NAME/refs/main holds
 * the name of a commit, and snapshots/COMMIT is a folder of links into blobs/. It is read, never
 * written, and no network is used.
 */
#ifndef COPPICE_HUB_H
#define COPPICE_HUB_H

int hub_is_id(const char *name); /* 1 where name has the form ORG/NAME, else 0 */
/* Returns the folder of the snapshot that an id means today, new; NULL where the cache has nothing
 * of this model. Dies where it has no snapshot that could be used, or several and none is main. */
char *hub_find(const char *id);
/* Returns the id of the model in whose snapshot a path is, new; NULL where it is in none. */
char *hub_id(const char *path);
/* Returns the name of the model at a path, new: NAME of ORG/NAME in the cache, a GGUF file's name
 * without .gguf, else the folder's name, its real one where the path ends in a slash or dots. The
 * path need not exist. */
char *model_name(const char *path);
/* Returns why a folder's weights cannot be read, new: which of config.json and the files with
 * weights are missing or are links to nothing, and for a folder in the cache what to do about it;
 * NULL where all are there. */
char *hub_lacks(const char *folder);
/* Dies where a path is in the cache and its weights cannot be read, the download being incomplete.
 * */
void hub_check(const char *path);

#endif
