/* drop-layers - models without some of their layers
 *
 *   in   block   which layers to drop, one record per model that is wanted; or --layers
 *   out  model   by reference: nothing is copied
 *
 * With -o, a checkpoint for other programs is written as well.
 */
#include "cli/cli.h"
#include "export/checkpoint.h"
#include "file/json.h"
#include "model/layers.h"
#include "model/ref.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *layers, *output, *scores;

static const struct opt opts[] = { { 0, "layers", "LIST", OPT_TEXT, &layers,
					   "drop these layers of the base, from 0: 3,7,21-28" },
	{ 'o', "output", "DIR", OPT_TEXT, &output,
		"write the one model as a checkpoint into the new folder DIR too",
		.made = MADE_NOT },
	{ 0, "scores", "FILE", OPT_TEXT, &scores, "with -o: score records for the model card",
		.made = MADE_NOT },
	{ 0 } };

static int are_listed(void)
{
	return layers != NULL;
}

static const struct cli cli = {
	.name = "drop-layers",
	.operands = "[BLOCK ...]",
	.about = "a model without the layers of a block, by reference; or as a checkpoint",
	.opts = opts,
	.model = MODEL_WEIGHTS,
	.threads = 1,
	.no_input = are_listed,
	.example = "argmin-block -n 8 c4.angle | drop-layers -m model > n8.model",
};

struct results {
	struct model_rec **list;
	size_t n, cap;
	json_t *provenance;
};

static void add(struct results *r, const struct model_rec *m)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 16;
		r->list = xrealloc(r->list, r->cap, sizeof(*r->list));
	}
	r->list[r->n++] = model_rec_copy(m);
}

static void drop_listed(struct results *r, const struct model *m)
{
	struct model_rec *rec = model_rec_copy(m->rec);
	int list[MAX_LAYERS], n;
	struct fault err;

	if (layers_parse(layers, list, MAX_LAYERS, &n, &err))
		misuse("--layers: %s", err.text);
	if (layers_drop(rec, m->shape->n_layers, list, n, &err))
		die("%s: %s", base_path(m->base), err.text);
	add(r, rec);
	model_rec_free(rec);
}

/* The block should have been measured on this very model; on a relative of it it may still be what
 * is wanted. */
static void check_fingerprint(const struct rec_in *in, const struct model_rec *m)
{
	const char *fingerprint = json_string_value(json_object_get(rec_meta(in), "print"));

	if (fingerprint && m->fingerprint && strcmp(fingerprint, m->fingerprint))
		warn("%s: measured on another model (fingerprint %s) than this one (%s)",
			rec_file(in), fingerprint, m->fingerprint);
}

static void drop_blocks(struct results *r, const struct model *m, char *const *files)
{
	struct rec_in *in = rec_open(files, KIND_BLOCK);
	int part = -1;
	struct block b;
	struct fault err;

	while (block_read(in, &b)) {
		struct model_rec *rec = model_rec_copy(m->rec);

		if (rec_part(in) != part)
			check_fingerprint(in, m->rec);
		part = rec_part(in);
		if (layers_drop_block(rec, m->shape->n_layers, &b, &err))
			rec_bad(in, err.text);
		add(r, rec);
		model_rec_free(rec);
	}
	r->provenance = provenance_merge(r->provenance, rec_all_provenance(in));
	rec_close(in);
}

static void write_checkpoint(const struct results *r, const struct model *m)
{
	struct model pruned = *m;
	struct checkpoint c = {
		.model = &pruned, .blocked = T_F16, .scores = scores, .provenance = r->provenance
	};

	if (r->n != 1)
		die("-o writes one model, but there are %zu", r->n);
	if (m->nf4)
		die("-o copies weights as they are: it can't write a model quantised to NF4");
	pruned.rec = r->list[0];
	model_rec_free(checkpoint_write(output, &c));
}

static void write_records(const struct results *r, const json_t *args)
{
	struct rec_out *out = rec_create(stdout, "standard output", KIND_MODEL, r->provenance, args,
		NULL, 0);

	for (size_t i = 0; i < r->n; i++)
		model_rec_write(out, r->list[i]);
	rec_finish(out);
}

/* A stream's relative path begins at its folder, ours at the working directory. */
static void name_base(struct model *m)
{
	struct model_rec named = *m->rec, *copy;
	char *name = ref_named(base_path(m->base), m->rec->base);

	named.base = name;
	copy = model_rec_copy(&named);
	free(name);
	model_rec_free(m->rec);
	m->rec = copy;
}

static void check_use(char *const *files)
{
	if (layers && *files)
		misuse("--layers takes no block, but '%s' was given", *files);
	if (!layers)
		ref_need_one_stdin(common.model.path, files, "blocks");
	if (scores && !output)
		misuse("--scores is for the model card of -o");
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);
	struct results r = { 0 };
	struct models *models;
	json_t *args = cli_args();

	check_use(files);
	models = models_open_one(&common.model);
	if (models->list[0].adapter)
		die("a healed model can't be pruned: prune first, heal after");
	name_base(models->list);
	if (models->provenance)
		r.provenance = provenance_merge(NULL, models->provenance);
	if (layers)
		drop_listed(&r, models->list);
	else
		drop_blocks(&r, models->list, files);
	if (output)
		write_checkpoint(&r, models->list);

	if (!output || !isatty(STDOUT_FILENO)) /* who types -o wants the folder */
		write_records(&r, args);
	else
		out_publish();
	for (size_t i = 0; i < r.n; i++)
		model_rec_free(r.list[i]);
	free(r.list);
	models_close(models);
	json_decref(r.provenance);
	json_decref(args);
	return EXIT_DONE;
}
