/* overlap - see overlap.h
 */
#include "stream/overlap.h"

#include "file/inputs.h"
#include "file/json.h"
#include "sys/die.h"

#include <string.h>

struct docs overlap_docs(const struct sequences *s)
{
	struct docs d = { 0 };

	for (size_t i = 0; i < s->n; i++)
		docs_add(&d, s->doc[i]);
	return d;
}

/* -- files ------------------------------------------------------------------------------------- */

/* The data files among the inputs of a step, new; an empty array where one has no hash. With docs,
 * only those that have them. */
static json_t *files_of(const json_t *step, int with_docs)
{
	json_t *files = json_array(), *input;
	size_t i;

	json_array_foreach(json_object_get(step, "inputs"), i, input)
	{
		if (!json_object_get(input, "name") ||
			(with_docs && !json_object_get(input, "docs")))
			continue;
		if (!json_is_string(json_object_get(input, "sha256"))) {
			json_array_clear(files);
			break;
		}
		json_array_append(files, input);
	}
	return files;
}

/* 1: one list of files begins as the other, so that numbers of documents mean the same. */
static int same_files(const json_t *a, const json_t *b)
{
	size_t n = json_array_size(a) < json_array_size(b) ? json_array_size(a)
							   : json_array_size(b);

	for (size_t i = 0; i < n; i++)
		if (!json_equal(json_object_get(json_array_get(a, i), "sha256"),
			    json_object_get(json_array_get(b, i), "sha256")))
			return 0;
	return n > 0;
}

/* The files that sequences come from, new; NULL where they are not known, or differ from part to
 * part. */
static json_t *files_of_sequences(const struct sequences *s)
{
	json_t *step, *files = NULL;
	size_t i;

	json_array_foreach(s->provenance, i, step)
	{
		json_t *more = files_of(step, 0);

		if (!files ||
			(json_array_size(files) && json_array_size(more) &&
				same_files(files, more) &&
				json_array_size(more) > json_array_size(files))) {
			json_decref(files);
			files = more;
			continue;
		}
		if (json_array_size(more) && json_array_size(files) && !same_files(files, more))
			json_array_clear(files);
		json_decref(more);
	}
	if (files && json_array_size(files))
		return files;
	json_decref(files);
	return NULL;
}

void overlap_trained(const struct sequences *s)
{
	json_t *files = files_of_sequences(s), *file, *ranges;
	struct docs docs = overlap_docs(s);
	size_t i;

	ranges = docs_to_json(&docs);
	json_array_foreach(files, i, file)
		inputs_add_docs(json_string_value(json_object_get(file, "name")),
			json_string_value(json_object_get(file, "sha256")), ranges);
	json_decref(ranges);
	json_decref(files);
	docs_free(&docs);
}

/* -- warnings ---------------------------------------------------------------------------------- */

static uint64_t count(const struct docs *d)
{
	uint64_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->r[i].last - d->r[i].first + 1;
	return n;
}

static void tell(const json_t *files, uint64_t shared, const struct docs *of, const char *what)
{
	const char *name = json_string_value(json_object_get(json_array_get(files, 0), "name"));

	if (shared)
		warn("%s%s: %llu of the %llu documents %s", name,
			json_array_size(files) > 1 ? " and others" : "", (unsigned long long)shared,
			(unsigned long long)count(of), what);
}

/* The documents of docs that the step of a healing trained on. */
static uint64_t shared_with(const json_t *step, const json_t *files, const struct docs *docs)
{
	json_t *trained = files_of(step, 1);
	struct docs of = { 0 };
	uint64_t n = 0;

	if (same_files(trained, files) &&
		!docs_from_json(&of, json_object_get(json_array_get(trained, 0), "docs")))
		n = docs_common(docs, &of);
	docs_free(&of);
	json_decref(trained);
	return n;
}

void overlap_warn(const struct sequences *s, const json_t *made)
{
	json_t *files = files_of_sequences(s), *step;
	struct docs docs = overlap_docs(s);
	uint64_t most = 0;
	size_t i;

	json_array_foreach(made, i, step)
	{
		uint64_t n = files ? shared_with(step, files, &docs) : 0;

		most = n > most ? n : most;
	}
	tell(files, most, &docs, "scored healed a model: its loss on them is too low");
	json_decref(files);
	docs_free(&docs);
}

void overlap_warn_held_out(const struct sequences *held_out, const struct sequences *train)
{
	json_t *files = files_of_sequences(held_out), *trained = files_of_sequences(train);
	struct docs a = overlap_docs(held_out), b = overlap_docs(train);

	if (files && trained && same_files(files, trained))
		tell(files, docs_common(&a, &b), &a,
			"held out are among those trained on: their loss is too low");
	json_decref(files);
	json_decref(trained);
	docs_free(&a);
	docs_free(&b);
}
