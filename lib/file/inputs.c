/* inputs - see inputs.h
 */
#include "file/inputs.h"

#include "file/json.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* -- digests ----------------------------------------------------------------------------------- */

struct digest {
	EVP_MD_CTX *ctx;
};

struct digest *digest_new(void)
{
	struct digest *d = xcalloc(1, sizeof *d);

	d->ctx = EVP_MD_CTX_new();
	if (!d->ctx || !EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL))
		die("SHA-256: out of memory, or the library has none");
	return d;
}

void digest_add(struct digest *d, const void *bytes, size_t n)
{
	if (!EVP_DigestUpdate(d->ctx, bytes, n))
		die("SHA-256: failed");
}

void digest_end(struct digest *d, char hex[DIGEST_HEX])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (!EVP_DigestFinal_ex(d->ctx, sum, &n) || n != DIGEST_HEX / 2)
		die("SHA-256: failed");
	for (unsigned i = 0; hex && i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	EVP_MD_CTX_free(d->ctx);
	free(d);
}

/* -- the list ---------------------------------------------------------------------------------- */

static struct input_named {
	char *name, *hash; /* hash NULL: not known */
	int model;
	json_t *docs; /* NULL: all, or of no importance */
} * list;
static size_t n_list;

static int same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* name becomes the list's. */
static void add(char *name, const char *hash, int model)
{
	for (size_t i = 0; i < n_list; i++)
		if (!strcmp(list[i].name, name) && same_text(list[i].hash, hash) &&
			list[i].model == model && !list[i].docs) {
			free(name);
			return;
		}
	list = xrealloc(list, n_list + 1, sizeof *list);
	list[n_list++] = (struct input_named){ name, hash ? xstrdup(hash) : NULL, model, NULL };
}

/* The last part of a path, without slashes at its end. New. */
static char *last_part(const char *path)
{
	size_t n = strlen(path), at;

	while (n > 1 && path[n - 1] == '/')
		n--;
	for (at = n; at > 0 && path[at - 1] != '/';)
		at--;
	return xasprintf("%.*s", (int)(n - at), path + at);
}

void inputs_add(const char *path, const char *sha256)
{
	add(last_part(path), sha256, 0);
}

void inputs_add_model(const char *name, const char *print)
{
	add(xstrdup(name), print, 1);
}

void inputs_add_docs(const char *path, const char *sha256, const json_t *docs)
{
	list = xrealloc(list, n_list + 1, sizeof *list);
	list[n_list++] = (struct input_named){ last_part(path), xstrdup(sha256), 0,
		json_deep_copy(docs) };
}

size_t inputs_count(void)
{
	return n_list;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct input_named *)a)->name, ((const struct input_named *)b)->name);
}

void inputs_fold(size_t from, const char *path)
{
	struct digest *d = digest_new();
	char hex[DIGEST_HEX];

	if (from < n_list)
		qsort(list + from, n_list - from, sizeof *list, by_name);
	for (size_t i = from; i < n_list; i++) {
		char *line = xasprintf("%s  %s\n", list[i].hash ? list[i].hash : "-", list[i].name);

		digest_add(d, line, strlen(line));
		free(line);
		free(list[i].name);
		free(list[i].hash);
		json_decref(list[i].docs);
	}
	digest_end(d, hex);
	n_list = from;
	inputs_add(path, hex);
}

/* A name that is not UTF-8 gets question marks. */
static json_t *name_json(const char *name)
{
	json_t *j = json_string(name);
	char *plain;

	if (j)
		return j;
	plain = xstrdup(name);
	for (char *p = plain; *p; p++)
		if (*p & 0x80)
			*p = '?';
	j = json_string(plain);
	free(plain);
	return j;
}

json_t *inputs_json(void)
{
	json_t *j = n_list ? json_array() : NULL;

	for (size_t i = 0; i < n_list; i++) {
		const struct input_named *e = &list[i];
		json_t *o = json_object();

		json_put(o, e->model ? "model" : "name", name_json(e->name));
		if (e->hash)
			json_put(o, e->model ? "print" : "sha256", json_string(e->hash));
		if (e->docs)
			json_put(o, "docs", json_incref(e->docs));
		json_add(j, o);
	}
	return j;
}
