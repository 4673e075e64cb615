/* card - README.md of a written checkpoint: what it was made from, what was dropped, how it scores
 */
#include "export/card.h"

#include "file/gguf.h"
#include "model/hub.h"
#include "model/layers.h"
#include "sys/die.h"
#include "sys/io.h"
#include "sys/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_CARD = 1 << 20 };

/* -- the base ---------------------------------------------------------------------------------- */

static int starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

char *card_inherited(const char *text)
{
	char *kept = xstrdup(""), *longer;
	const char *line = strchr(text, '\n');
	int keep = 0;

	if (!starts(text, "---\n") && !starts(text, "---\r\n"))
		return kept;
	for (line++; *line && !starts(line, "---");) {
		size_t n = strcspn(line, "\r\n");

		if (*line != ' ' && *line != '-') /* a key; else what belongs to the one before */
			keep = starts(line, "license:") || starts(line, "license_name:") ||
				starts(line, "license_link:") || starts(line, "language:");
		if (keep) {
			longer = xasprintf("%s%.*s\n", kept, (int)n, line);
			free(kept);
			kept = longer;
		}
		line += n;
		line += strspn(line, "\r\n");
	}
	return kept;
}

/* The base's card as text, "" where there is none that is small enough to be one. */
static char *read_card(const char *path)
{
	char *text = xcalloc(MAX_CARD + 1, 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	long n = 0, got;

	if (fd < 0 && errno != ENOENT)
		die("%s: %s", path, strerror(errno));
	while (fd >= 0 && (got = io_read(fd, text + n, (size_t)(MAX_CARD - n))) != 0) {
		if (got < 0)
			die("%s: read: %s", path, strerror(errno));
		n += got;
	}
	if (memchr(text, 0, (size_t)n))
		n = 0;
	text[n] = 0;
	if (fd >= 0)
		close(fd);
	return text;
}

/* -- the text ---------------------------------------------------------------------------------- */

/* A quoted string that YAML, JSON and Python read alike, new. */
static char *quoted(const char *s)
{
	json_t *j = json_string(s);
	char *text = j ? json_dumps(j, JSON_ENCODE_ANY) : NULL;

	json_decref(j);
	return text ? text : xstrdup("\"?\"");
}

static void put_quoted(FILE *f, const char *s)
{
	char *text = quoted(s);

	fputs(text, f);
	free(text);
}

/* The licence that a GGUF file says, as the lines of a card; where the base's card has none. */
static void put_gguf_licence(FILE *f, const char *path)
{
	static const char *const keys[][2] = { { "general.license", "license" },
		{ "general.license.name", "license_name" },
		{ "general.license.link", "license_link" } };
	struct gguf *g = gguf_open(path);
	struct gguf_str v;

	for (int i = 0; i < 3; i++) {
		char *text;

		if (gguf_string(g, keys[i][0], &v) <= 0 || !v.n || memchr(v.s, 0, v.n))
			continue;
		text = xasprintf("%.*s", (int)v.n, v.s);
		fprintf(f, "%s: ", keys[i][1]);
		put_quoted(f, text);
		putc('\n', f);
		free(text);
	}
	gguf_close(g);
}

static void put_head(FILE *f, const struct card *c, const char *base_name)
{
	char *text = read_card(c->base_card), *inherited = card_inherited(text),
	     *id = hub_id(base_path(c->model->base));

	fputs("---\nbase_model: ", f);
	put_quoted(f, id ? id : base_name);
	fprintf(f, "\n%s", inherited);
	if (base_is_gguf(c->model->base) && !strstr(inherited, "license:"))
		put_gguf_licence(f, base_path(c->model->base));
	fprintf(f, "%stags:\n%s- coppice\n---\n\n",
		base_is_gguf(c->model->base)
			? ""
			: "library_name: transformers\npipeline_tag: text-generation\n",
		c->model->rec->n_keep < c->model->shape->n_layers ? "- pruned\n" : "");
	free(id);
	free(inherited);
	free(text);
}

/* 1234567 as "1,234,567". */
static void put_grouped(FILE *f, uint64_t v)
{
	if (v >= 1000) {
		put_grouped(f, v / 1000);
		fprintf(f, ",%03u", (unsigned)(v % 1000));
	} else {
		fprintf(f, "%u", (unsigned)v);
	}
}

static void put_dropped(FILE *f, const struct card *c, const char *base_name)
{
	const struct model_rec *r = c->model->rec;
	const struct shape *s = c->model->shape;
	int out[MAX_LAYERS], n = layers_dropped(r, s->n_layers, out);
	char *text = layers_text(out, n);

	fprintf(f, "# %s\n\n", c->name);
	if (n)
		fprintf(f, "`%s` with %d of its %d layers (%.1f %%) dropped: %s, counted from 0. ",
			base_name, n, s->n_layers, 100.0 * n / s->n_layers, text);
	else
		fprintf(f, "`%s`, all %d layers. ", base_name, s->n_layers);
	put_grouped(f, shape_parameters(s, r->n_keep));
	if (n) {
		fputs(" of ", f);
		put_grouped(f, shape_parameters(s, s->n_layers));
	}
	fputs(" parameters.\n", f);
	if (!r->has_block || !r->block.n) {
		free(text);
		return;
	}
	if (!strcmp(r->block.rule, RULE_SIMILARITY))
		fprintf(f,
			"\nThe block of %d layers whose input and output are most alike on the "
			"measured text: mean angular "
			"distance %.4f, standard error %.4f (in units of pi).\n",
			r->block.n, r->block.mean, r->block.sem);
	else if (!strcmp(r->block.rule, RULE_SIMPLE))
		fprintf(f, "\nThe deepest %d layers but for the last one.\n", r->block.n);
	else
		fprintf(f, "\nThe block of %d layers was chosen by the rule `%s`.\n", r->block.n,
			r->block.rule);
	free(text);
}

static void put_healed(FILE *f, const struct card *c)
{
	const struct adapter *a = c->model->adapter;
	const json_t *target;
	size_t i;

	if (!c->merged || !a)
		return;
	fprintf(f, "\nHealed afterwards with LoRA adapters of rank %d", a->least);
	if (a->least < a->rank)
		fprintf(f, " to %d", a->rank);
	fputs(" on ", f);
	json_array_foreach(json_object_get(a->config, "target_modules"), i, target) fprintf(f,
		"%s%s", i ? ", " : "", json_string_value(target) ? json_string_value(target) : "?");
	fprintf(f, ", which are merged into the weights%s.\n",
		c->model->nf4 || base_is_nf4(c->model->base)
			? "; these went through NF4, as they were trained"
			: "");
}

/* "this model", "the base" or how many layers it has. */
static char *describe(const struct card *c, const struct model_rec *r)
{
	const struct model_rec *own = c->model->rec;
	int same = r->n_keep == own->n_keep &&
		!memcmp(r->keep, own->keep, r->n_keep * sizeof(*r->keep)) &&
		!strcmp(r->fingerprint, own->fingerprint);
	const char *a = r->adapter_fingerprint ? r->adapter_fingerprint : "",
		   *b = own->adapter_fingerprint ? own->adapter_fingerprint : "";

	if (same && !strcmp(a, b))
		return xstrdup("this model");
	if (r->n_keep == c->model->shape->n_layers && !r->adapter)
		return xstrdup("the base");
	return xasprintf("%d layers%s", r->n_keep, r->adapter ? ", healed" : "");
}

static void put_scores(FILE *f, const struct card *c)
{
	char *files[] = { (char *)c->scores, NULL };
	struct rec_in *in;
	struct score s;

	if (!c->scores)
		return;
	in = rec_open(files, KIND_SCORE);
	fputs("\n| model | task | metric | value | standard error | count "
	      "|\n|---|---|---|--:|--:|--:|\n",
		f);
	while (score_read(in, &s)) {
		const json_t *subject = json_object_get(s.own, "subject");
		char *who;

		if (subject && !json_is_null(subject))
			continue;
		who = describe(c, s.model);
		fprintf(f, "| %s | %s | %s | %.4f | %.4f | %llu |\n", who, s.task, s.metric,
			s.value, s.stderr_, (unsigned long long)s.count);
		free(who);
	}
	rec_close(in);
}

static void put_transformers(FILE *f, const char *file)
{
	const char
		*write = "(\"The sea was calm, and\", max_new_tokens=64)[0][\"generated_text\"])";

	fputs("\nWith transformers:\n\n    ", f);
	if (!file) {
		fputs("from transformers import pipeline\n"
		      "    print(pipeline(\"text-generation\", \".\")",
			f);
	} else {
		fputs("from transformers import AutoModelForCausalLM as M, AutoTokenizer as T, "
		      "pipeline\n    file = ",
			f);
		put_quoted(f, file);
		fputs("\n    print(pipeline(\"text-generation\", "
		      "M.from_pretrained(\".\", gguf_file=file),\n"
		      "        tokenizer=T.from_pretrained(\".\", gguf_file=file))",
			f);
	}
	fprintf(f, "%s\n", write);
}

/* The lines that show what it writes, run in the folder. */
static void put_use(FILE *f, const struct card *c)
{
	char *file = xasprintf("%s.gguf", c->name), *name = quoted(file);
	int gguf = base_is_gguf(c->model->base);

	fputs("\nIn this folder, these show text that it writes. With llama.cpp:\n\n", f);
	if (!gguf)
		fprintf(f, "    convert_hf_to_gguf.py --outfile=%s .\n", name);
	fprintf(f, "    llama-cli -m %s -n 64 -p \"The sea was calm, and\"\n", name);
	put_transformers(f, gguf ? file : NULL);
	free(name);
	free(file);
}

/* "; text.json, sha256 66..." */
static void put_inputs(FILE *f, const json_t *step)
{
	const json_t *input;
	size_t i;

	json_array_foreach(json_object_get(step, "inputs"), i, input)
	{
		const char *name = json_string_value(json_object_get(input, "name")),
			   *hash = json_string_value(json_object_get(input, "sha256"));

		if (name)
			fprintf(f, "; `%s`%s%s", name, hash ? ", sha256 " : "", hash ? hash : "");
	}
}

static void put_steps(FILE *f, const struct card *c)
{
	const json_t *step;
	size_t i;

	if (!json_array_size(c->provenance))
		return;
	fputs("\nMade with coppice, in these steps:\n\n", f);
	json_array_foreach(c->provenance, i, step)
	{
		const char *tool = json_string_value(json_object_get(step, "tool"));
		const char *version = json_string_value(json_object_get(step, "version"));
		char *args = json_dumps(json_object_get(step, "args"), JSON_ENCODE_ANY);

		fprintf(f, "- %s %s `%s`", tool ? tool : "?", version ? version : "?",
			args ? args : "{}");
		put_inputs(f, step);
		putc('\n', f);
		free(args);
	}
}

char *card_text(const struct card *c)
{
	char *text = NULL, *base_name = model_name(base_path(c->model->base));
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (!f)
		die("out of memory");
	put_head(f, c, base_name);
	put_dropped(f, c, base_name);
	put_healed(f, c);
	put_scores(f, c);
	put_use(f, c);
	put_steps(f, c);
	if (fclose(f))
		die("out of memory");
	free(base_name);
	return text;
}
