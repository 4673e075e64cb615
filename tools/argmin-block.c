/* argmin-block - which block of n layers to drop
 *
 *   in   angle   the distances of all pairs, in one stream or in parts
 *   out  block   one record per n, in the order asked for
 *
 * A table of the blocks goes to stderr, for whoever types it; records only where standard output is
 * no terminal.
 */
#include "angle/argmin.h"
#include "cli/cli.h"
#include "file/json.h"
#include "model/layers.h"
#include "model/model.h"
#include "sys/die.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static struct widths widths = { .n = { 8 }, .count = 1 };
static const char *width_text = "8";
static int simple;

static int parse_widths(const char *text)
{
	struct fault err;

	width_text = text;
	if (widths_parse(&widths, text, &err))
		misuse("-n: %s", err.text);
	return 0;
}

static const struct opt opts[] = {
	{ 'n', "width", "N", OPT_CALL, &width_text,
		"layers in the block: 8, 1-12, 0,4,8 or all; 0 is the base (default: 8)",
		.call = parse_widths, .made = MADE_ALWAYS, .key = "n" },
	{ 0, "simple", NULL, OPT_FLAG, &simple,
		"the deepest layers but the last, of the model -m; needs no angles" },
	{ 0 }
};

static const struct cli cli = {
	.name = "argmin-block",
	.operands = "[ANGLE ...]",
	.about = "the block of n layers with the smallest angular distance across it",
	.opts = opts,
	.model = 1,
	.example = "argmin-block -n 1-12 c4.angle | drop-layers -m model > pruned.model",
};

struct result {
	struct block *blocks;
	int keep[MAX_LAYERS]; /* what the model's layers are called in its base */
	int layers;
	json_t *meta, *provenance;
};

static void number_layers(struct result *r)
{
	const json_t *keep = json_object_get(r->meta, "keep");

	for (int l = 0; l < r->layers; l++) {
		const json_t *k = json_array_get(keep, l);

		r->keep[l] = json_array_size(keep) == (size_t)r->layers && json_is_integer(k)
			? json_integer_value(k)
			: l;
	}
}

static void find_simple(struct result *r)
{
	struct models *m = models_open_one(&common.model);
	const struct model_rec *rec = m->list[0].rec;
	json_t *keep = json_array();
	struct fault err;

	r->layers = rec->n_keep;
	if (widths_resolve(&widths, r->layers, &err))
		misuse("%s", err.text);
	for (int i = 0; i < rec->n_keep; i++)
		json_add(keep, json_integer(rec->keep[i]));
	r->meta = json_pack("{sssosi}", "print", rec->fingerprint, "keep", keep, "layers",
		rec->n_keep);
	r->provenance = m->provenance ? json_incref(m->provenance) : NULL;
	for (int i = 0; i < widths.count; i++)
		r->blocks[i] = argmin_simple(r->layers, widths.n[i]);
	models_close(m);
}

static void find_similar(struct result *r, char *const *files)
{
	struct angles *a = angles_read(files, 0, 0, &r->meta, &r->provenance);
	struct fault err;

	if (!a->count)
		die("no angles in what was read");
	r->layers = a->layers;
	if (widths_resolve(&widths, a->layers, &err))
		misuse("%s", err.text);
	for (int i = 0; i < widths.count; i++) {
		if (widths.n[i] && !angles_have(a, widths.n[i]))
			die("no angles for n = %d were measured (angdist -n?)", widths.n[i]);
		r->blocks[i] = argmin_similarity(a, widths.n[i]);
	}
	angles_free(a);
}

/* Eight columns: as a distance is said, or, where another measure is larger or smaller, in powers
 * of ten. */
static void number_text(char s[16], double v)
{
	int fits = v == 0 || (fabs(v) >= 1e-5 && fabs(v) < 10);

	snprintf(s, 16, fits ? "%8.5f" : "%8.1e", v);
}

static void print_table(const struct result *r)
{
	int pruned = r->keep[r->layers - 1] >= r->layers;

	say("   n  share  distance      +-  layers of %d%s", r->layers,
		pruned ? " (numbers of the base)" : "");
	for (int i = 0; i < widths.count; i++) {
		const struct block *b = r->blocks + i;
		char *layers = layers_text(r->keep + b->l, b->n), mean[16] = "       -",
		     sem[16] = "      -";

		if (!isnan(b->mean)) {
			number_text(mean, b->mean);
			number_text(sem, b->sem);
		}
		say("%4d %5.1f%%  %s %s  %s", b->n, 100.0 * b->n / r->layers, mean,
			sem + (*sem == ' '), b->n ? layers : "none");
		free(layers);
	}
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);
	static struct block blocks[MAX_LAYERS + 1];
	struct result r = { .blocks = blocks };
	json_t *args = cli_args();
	struct rec_out *out;

	if (simple && *files)
		misuse("--simple takes no angles, but '%s' was given", *files);
	if (!simple && common.model.path)
		misuse("-m is for --simple");
	if (simple)
		find_simple(&r);
	else
		find_similar(&r, files);
	number_layers(&r);
	if (isatty(STDOUT_FILENO))
		print_table(&r);
	if (!isatty(STDOUT_FILENO)) {
		out = rec_create(stdout, "standard output", KIND_BLOCK, r.provenance, args, r.meta,
			0);
		for (int i = 0; i < widths.count; i++)
			block_write(out, blocks + i);
		rec_finish(out);
	}
	json_decref(r.meta);
	json_decref(r.provenance);
	json_decref(args);
	return EXIT_DONE;
}
