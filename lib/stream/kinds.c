/* kinds - the table, and records held against it
 */
#include "stream/kinds.h"

#include "stream/mp.h"
#include "stream/sums.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const struct key tokens_keys[] = {
	{ "doc", KEY_COUNT, .help = "number of its document in the input, from 0" },
	{ "ids", KEY_TENSOR, .dtype = "u32", .dims = 1, .help = "token ids, at least one" }, { 0 }
};
static const struct key hidden_keys[] = {
	{ "doc", KEY_COUNT, .help = "number of its document in the input, from 0" },
	{ "ntok", KEY_COUNT, .help = "tokens of the sequence" },
	{ "layer", KEY_INT, KEY_OPTIONAL,
		.help = "with all tokens: whose input x is; L: the last layer's output" },
	{ "position", KEY_COUNT, KEY_OPTIONAL,
		.help = "of chosen tokens: whose x is, from 0; absent: the last" },
	{ "x", KEY_TENSOR, .dtype = "f32", .dims = 2,
		.help = "residual stream before each layer and after the last, [L+1, d], of one "
			"token; "
			"with all tokens, of every token before one layer, [ntok, d]" },
	{ 0 }
};
static const struct key angle_keys[] = { { "n", KEY_INT,
						 .help = "layers in the block, at least 1" },
	{ "l", KEY_INT, .help = "its first layer" }, { "count", KEY_COUNT, .help = "samples" },
	{ "mean", KEY_REAL,
		.help = "mean of the distances d, in units of pi; or of what else is measured" },
	{ "sem", KEY_REAL, .help = "standard error of that mean; nan: not known" },
	{ "sum", KEY_SUM, .help = "sum of round(2^40 d); as a float, of 2^40 d" },
	{ "sumsq", KEY_SUM, .help = "sum of round(2^40 d^2); as a float, of 2^40 d^2" },
	{ "resamples", KEY_TENSOR, KEY_OPTIONAL, .dtype = "u64", .dims = 1,
		.help = "sum in each of 100 random resamples of the documents; absent: not known" },
	{ 0 } };
static const struct key block_keys[] = { { "n", KEY_INT, .help = "layers in the block; 0: none" },
	{ "l", KEY_INT, .help = "its first layer" },
	{ "mean", KEY_REAL, KEY_NIL, .help = "mean angular distance across it; nil: not measured" },
	{ "sem", KEY_REAL, KEY_NIL, .help = "its standard error" },
	{ "layers", KEY_INT, .help = "layers of the model, L" },
	{ "rule", KEY_TEXT,
		.help = "how it was chosen: similarity, simple, every (of all blocks), or "
			"another's word" },
	{ "sure", KEY_REAL, KEY_OPTIONAL,
		.help = "share of the resamples in which l has the least distance; absent: not "
			"known" },
	{ "second", KEY_INT, KEY_OPTIONAL,
		.help = "the other first layer that has it most often; absent: not known" },
	{ 0 } };
static const struct key model_keys[] = {
	{ "base", KEY_TEXT, .help = "path of the base checkpoint, or its id on the hub" },
	{ "print", KEY_TEXT, .help = "fingerprint of the base, hex digits" },
	{ "keep", KEY_INTS, .help = "layers of the base that are kept, ascending" },
	{ "adapter", KEY_TEXT, KEY_NIL, .help = "path of a LoRA adapter's folder" },
	{ "adapter_print", KEY_TEXT, KEY_NIL, .help = "fingerprint of the adapter" },
	{ "quant", KEY_TEXT, KEY_NIL, .help = "nf4: the base is taken quantised" },
	{ "block", KEY_RECORD, KEY_NIL, .record = KIND_BLOCK,
		.help = "the block that was dropped" },
	{ 0 }
};
static const struct key loss_keys[] = { { "step", KEY_COUNT, .help = "training step, from 0" },
	{ "lr", KEY_REAL, .help = "learning rate" },
	{ "loss", KEY_REAL, .help = "what is minimised: ce and the weighted auxiliary loss" },
	{ "ce", KEY_REAL, .help = "cross entropy, nats a token" },
	{ "aux", KEY_REAL, .help = "auxiliary loss, not weighted" },
	{ "norm", KEY_REAL, .help = "norm of the gradient before clipping" },
	{ "tokens", KEY_COUNT, .help = "predicted tokens" },
	{ "valid", KEY_REAL, KEY_OPTIONAL,
		.help = "held-out loss; absent: not measured at this step" },
	{ 0 } };
static const struct key sample_keys[] = {
	{ "task", KEY_TEXT, .help = "mmlu, boolq, c4, or the name of a task of choices" },
	{ "subject", KEY_TEXT, KEY_NIL, .help = "MMLU subject" },
	{ "row", KEY_COUNT, .help = "row in its file, from 0" },
	{ "model", KEY_COUNT, .help = "index into meta.models" },
	{ "logp", KEY_TENSOR, .dtype = "f32", .dims = 1,
		.help = "log-probability of each choice, or of the document" },
	{ "answer", KEY_INT, KEY_NIL, .help = "number of the right choice" },
	{ "choice", KEY_INT, KEY_NIL, .help = "number of the model's choice" },
	{ "choice_norm", KEY_INT, KEY_OPTIONAL,
		.help = "number of its choice by log-probability over length" },
	{ "top", KEY_BOOL, KEY_NIL,
		.help = "whether a choice had the largest logit of all tokens" },
	{ "ntok", KEY_COUNT, .help = "tokens of the prompt or document" },
	{ "prompt", KEY_BYTES, KEY_OPTIONAL, .help = "the prompt" },
	{ "nats", KEY_REAL, KEY_OPTIONAL,
		.help = "of a document: minus its log-probability, to the last bit" },
	{ 0 }
};
static const struct key score_keys[] = {
	{ "task", KEY_TEXT, .help = "mmlu, boolq, c4, or the name of a task of choices" },
	{ "metric", KEY_TEXT, .help = "what value is" },
	{ "value", KEY_REAL, .help = "the result" },
	{ "stderr", KEY_REAL, .help = "its standard error" },
	{ "count", KEY_COUNT, .help = "questions, documents or tokens it is over" },
	{ "sum", KEY_REAL, .help = "sum that parts are merged from" },
	{ "sumsq", KEY_REAL, .help = "sum of squares that parts are merged from" },
	{ "model", KEY_RECORD, .record = KIND_MODEL, .help = "the model" }, { 0 }
};
static const struct key cost_keys[] = {
	{ "parameters", KEY_COUNT,
		.help = "of the layers that are kept, and of what is outside layers" },
	{ "adapter_parameters", KEY_COUNT, .help = "of the adapter beside them; 0: there is none" },
	{ "bytes_bf16", KEY_COUNT, .help = "of all of them in bf16" },
	{ "bytes_nf4", KEY_COUNT,
		.help = "of the same with the layers' matrices in NF4, doubly quantised" },
	{ "flop", KEY_SUM,
		.help = "floating point operations of a token, the mean over a sequence" },
	{ "kv", KEY_SUM,
		.help = "bytes of keys and values of a token at 2 bytes a value, the mean over a "
			"sequence" },
	{ "length", KEY_COUNT, .help = "tokens of that sequence" },
	{ "rate", KEY_REAL, KEY_OPTIONAL, .help = "tokens a second; absent: not measured" },
	{ "peak", KEY_COUNT, KEY_OPTIONAL,
		.help = "most bytes of memory that were resident; absent: not measured" },
	{ "model", KEY_RECORD, .record = KIND_MODEL, .help = "the model" }, { 0 }
};

static const char *const score_own[] = { "macro", "macro_stderr", "correct", "invalid", "yes",
	"cut", "fewer_shots", "parameters", "subjects", "acc", "acc_stderr", "acc_norm",
	"acc_norm_stderr", "guess", "correct_norm", "choices", "acc", "acc_stderr", "correct_norm",
	"choices", "normalised", "perplexity", "bits_per_byte", "sequences", "vocabulary",
	"squares", "cross", "bytes", NULL };

static const struct {
	const char *name, *help;
	const struct key *keys;
	const char *const *own; /* NULL: none */
} kinds[KIND_COUNT] = {
	[KIND_TOKENS] = { "tokens", "one sequence", tokens_keys },
	[KIND_HIDDEN] = { "hidden", "the residual stream of one sequence", hidden_keys },
	[KIND_ANGLE] = { "angle", "the angular distance across one block of layers", angle_keys },
	[KIND_BLOCK] = { "block", "one block of layers to drop", block_keys },
	[KIND_MODEL] = { "model", "one model by reference", model_keys },
	[KIND_LOSS] = { "loss", "one training step", loss_keys },
	[KIND_SAMPLE] = { "sample", "one question or document, and what the model made of it",
		sample_keys },
	[KIND_SCORE] = { "score", "one result; the task's own keys follow", score_keys, score_own },
	[KIND_COST] = { "cost", "what one model takes", cost_keys },
};

const char *kind_name(enum kind k)
{
	return kinds[k].name;
}

int kind_find(const char *name)
{
	for (int k = 0; k < KIND_COUNT; k++)
		if (strcmp(kinds[k].name, name) == 0)
			return k;
	return -1;
}

const char *kind_help(enum kind k)
{
	return kinds[k].help;
}

const struct key *kind_keys(enum kind k)
{
	return kinds[k].keys;
}

const struct key *key_find(enum kind k, const char *name, size_t n)
{
	for (const struct key *key = kinds[k].keys; key->name; key++)
		if (strlen(key->name) == n && memcmp(key->name, name, n) == 0)
			return key;
	return NULL;
}

const char *kind_own(enum kind k, int i)
{
	return kinds[k].own ? kinds[k].own[i] : NULL;
}

int kind_has_own(enum kind k, const char *name)
{
	for (const char *const *s = kinds[k].own; s && *s; s++)
		if (strcmp(*s, name) == 0)
			return 1;
	return 0;
}

void key_type_name(const struct key *key, char *s, size_t n)
{
	static const char *const names[] = {
		[KEY_COUNT] = "integer",
		[KEY_INT] = "integer",
		[KEY_REAL] = "float",
		[KEY_SUM] = "integer or float",
		[KEY_BOOL] = "boolean",
		[KEY_TEXT] = "string",
		[KEY_BYTES] = "string",
		[KEY_INTS] = "array of integers",
		[KEY_TENSOR] = "tensor",
		[KEY_RECORD] = "record",
	};
	char more[32] = "";

	if (key->type == KEY_TENSOR)
		snprintf(more, sizeof more, " %s, %d-d", key->dtype, key->dims);
	if (key->type == KEY_RECORD)
		snprintf(more, sizeof more, " of kind %s", kinds[key->record].name);
	snprintf(s, n, "%s%s%s%s", names[key->type], more, key->flags & KEY_NIL ? ", or nil" : "",
		key->flags & KEY_OPTIONAL ? ", optional" : "");
}

/* -- tensors ----------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	size_t size;
} dtypes[] = {
	{ "f32", 4 },
	{ "bf16", 2 },
	{ "f16", 2 },
	{ "u32", 4 },
	{ "u64", 8 },
	{ "i32", 4 },
	{ "u8", 1 },
};

size_t dtype_size(const char *dtype)
{
	for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
		if (strcmp(dtypes[i].name, dtype) == 0)
			return dtypes[i].size;
	return 0;
}

int tensor_parse(const msgpack_object *o, struct rec_tensor *t, const char **why)
{
	const msgpack_object *dtype = map_find(o, "dtype"), *shape = map_find(o, "shape"),
			     *data = map_find(o, "data");
	uint64_t bytes;

	memset(t, 0, sizeof *t);
	if (!dtype || !shape || !data)
		return *why = "no tensor {dtype, shape, data}", -1;
	for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
		if (mp_is_str(dtype, dtypes[i].name))
			t->dtype = dtypes[i].name, t->size = dtypes[i].size;
	if (!t->dtype)
		return *why = "dtype not known", -1;
	if (shape->type != MSGPACK_OBJECT_ARRAY || shape->via.array.size > TENSOR_DIMS)
		return *why = "shape is no array of at most 8 sizes", -1;
	t->dims = (int)shape->via.array.size;
	t->n = 1;
	for (int i = 0; i < t->dims; i++) {
		const msgpack_object *s = &shape->via.array.ptr[i];

		if (s->type != MSGPACK_OBJECT_POSITIVE_INTEGER || s->via.u64 > MP_BYTES)
			return *why = "shape is no array of at most 8 sizes", -1;
		t->shape[i] = s->via.u64;
		if (__builtin_mul_overflow(t->n, s->via.u64, &t->n))
			return *why = "shape is too large", -1;
	}
	if (data->type != MSGPACK_OBJECT_BIN)
		return *why = "data is no bin", -1;
	if (__builtin_mul_overflow(t->n, t->size, &bytes) || bytes != data->via.bin.size)
		return *why = "shape and data do not agree", -1;
	t->data = data->via.bin.ptr;
	return 0;
}

/* -- records ----------------------------------------------------------------------------------- */

static int is_int(const msgpack_object *o)
{
	return o->type == MSGPACK_OBJECT_POSITIVE_INTEGER && o->via.u64 <= INT_MAX;
}

static int is_real(const msgpack_object *o)
{
	return o->type == MSGPACK_OBJECT_FLOAT64 || o->type == MSGPACK_OBJECT_FLOAT32 ||
		o->type == MSGPACK_OBJECT_POSITIVE_INTEGER ||
		o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER;
}

static const char *check_ints(const msgpack_object *o)
{
	if (o->type != MSGPACK_OBJECT_ARRAY)
		return "no array";
	for (uint32_t i = 0; i < o->via.array.size; i++)
		if (!is_int(&o->via.array.ptr[i]))
			return "not all integers from 0 to 2^31 - 1";
	return NULL;
}

static const char *check_tensor(const struct key *key, const msgpack_object *o)
{
	struct rec_tensor t;
	const char *why;

	if (tensor_parse(o, &t, &why))
		return why;
	if (strcmp(t.dtype, key->dtype))
		return "of another dtype than it must be";
	return t.dims == key->dims ? NULL : "of another number of dimensions than it must be";
}

/* NULL, or what is wrong with a value that is there. */
static const char *check_value(const struct key *key, const msgpack_object *o)
{
	if (o->type == MSGPACK_OBJECT_NIL)
		return key->flags & KEY_NIL ? NULL : "nil";
	switch (key->type) {
	case KEY_COUNT:
		return o->type == MSGPACK_OBJECT_POSITIVE_INTEGER ? NULL : "no integer >= 0";
	case KEY_INT: return is_int(o) ? NULL : "no integer from 0 to 2^31 - 1";
	case KEY_REAL:
	case KEY_SUM: return is_real(o) ? NULL : "no number";
	case KEY_BOOL: return o->type == MSGPACK_OBJECT_BOOLEAN ? NULL : "not true or false";
	case KEY_TEXT:
		return o->type != MSGPACK_OBJECT_STR                 ? "no string"
			: memchr(o->via.str.ptr, 0, o->via.str.size) ? "a string with a NUL"
								     : NULL;
	case KEY_BYTES: return o->type == MSGPACK_OBJECT_STR ? NULL : "no string";
	case KEY_INTS: return check_ints(o);
	case KEY_TENSOR: return check_tensor(key, o);
	case KEY_RECORD: return o->type == MSGPACK_OBJECT_MAP ? NULL : "no map";
	}
	return NULL;
}

static const char *check_angle(const msgpack_object *m)
{
	const struct sums s = {
		.count = map_find(m, "count")->via.u64,
		.mean = (double)mp_number(map_find(m, "mean")),
		.sem = (double)mp_number(map_find(m, "sem")),
		.sum = mp_number(map_find(m, "sum")),
		.sumsq = mp_number(map_find(m, "sumsq")),
	};

	const msgpack_object *resamples = map_find(m, "resamples");
	struct rec_tensor t;
	const char *why;

	if (!map_find(m, "n")->via.u64)
		return "key 'n': 0";
	if (resamples && (tensor_parse(resamples, &t, &why) || t.n != RESAMPLES))
		return "key 'resamples': not 100 sums";
	if (map_find(m, "n")->via.u64 + map_find(m, "l")->via.u64 > KEEP_MAX)
		return "the block reaches beyond 512 layers";
	return sums_check(&s);
}

static const char *check_block(const msgpack_object *m)
{
	const msgpack_object *rule = map_find(m, "rule"), *sure = map_find(m, "sure"),
			     *second = map_find(m, "second");
	uint64_t n = map_find(m, "n")->via.u64, layers = map_find(m, "layers")->via.u64;

	if (rule->via.str.size < 1 || rule->via.str.size > RULE_MAX)
		return "key 'rule': not 1 to 63 bytes";
	if (map_find(m, "l")->via.u64 + n > layers)
		return "the block reaches beyond the last layer";
	if (sure && !(mp_number(sure) >= 0 && mp_number(sure) <= 1))
		return "key 'sure': not 0 to 1";
	if (second && second->via.u64 + n > layers)
		return "key 'second': the block reaches beyond the last layer";
	return NULL;
}

/* What a type does not say. */
static const char *check_sense(enum kind k, const msgpack_object *m)
{
	const msgpack_object *keep;
	struct rec_tensor t;
	const char *why;

	switch (k) {
	case KIND_TOKENS:
		return tensor_parse(map_find(m, "ids"), &t, &why) || t.n ? NULL
									 : "key 'ids': empty";
	case KIND_ANGLE: return check_angle(m);
	case KIND_BLOCK: return check_block(m);
	case KIND_MODEL:
		keep = map_find(m, "keep");
		if (keep->via.array.size == 0 || keep->via.array.size > KEEP_MAX)
			return "key 'keep': not 1 to 512 layers";
		for (uint32_t i = 1; i < keep->via.array.size; i++)
			if (keep->via.array.ptr[i].via.u64 <= keep->via.array.ptr[i - 1].via.u64)
				return "key 'keep': not ascending";
		return map_find(m, "quant")->type == MSGPACK_OBJECT_NIL ||
				mp_is_str(map_find(m, "quant"), "nf4")
			? NULL
			: "key 'quant': neither nil nor nf4";
	default: return NULL;
	}
}

int kind_check(enum kind k, const msgpack_object *map, struct fault *err)
{
	const msgpack_object *v;
	const char *why;

	if (map->type != MSGPACK_OBJECT_MAP)
		return fault(err, "is no map");
	for (const struct key *key = kinds[k].keys; key->name; key++) {
		v = map_find(map, key->name);
		if (!v && key->flags & KEY_OPTIONAL)
			continue;
		if (!v)
			return fault(err, "key '%s': missing", key->name);
		if ((why = check_value(key, v)))
			return fault(err, "key '%s': %s", key->name, why);
		if (key->type == KEY_RECORD && v->type == MSGPACK_OBJECT_MAP) {
			if (kind_check(key->record, v, err))
				return fault(err, "key '%s': %s", key->name, err->text);
		}
	}
	if ((why = check_sense(k, map)))
		return fault(err, "%s", why);
	return 0;
}
