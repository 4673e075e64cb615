/* bnb - 4-bit linear layers as bitsandbytes saves them; see bnb.h
 */
#include "model/bnb.h"
#include "file/json.h"
#include "model/known.h"
#include "sys/fault.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 64, NESTED = 256, MAX_STATE = 1 << 16 };

int bnb_check_config(const json_t *config, struct fault *err)
{
	const json_t *q = json_object_get(config, "quantization_config");
	const char *method = "an unnamed method", *type = "fp4",
		   *out = known_way_out("quantization_config");
	int four = 0, eight = 0;

	if (json_is_unset(config, "quantization_config"))
		return 0;
	if (json_get_string(q, "quant_method", &method, err) < 0 ||
		json_get_string(q, "bnb_4bit_quant_type", &type, err) < 0 ||
		json_get_bool(q, "load_in_4bit", &four, err) < 0 ||
		json_get_bool(q, "load_in_8bit", &eight, err) < 0)
		return -1;
	if (strcmp(method, "bitsandbytes"))
		return fault(err,
			"quantization_config: weights quantised by %.40s are not supported; "
			"bitsandbytes NF4 is, "
			"and the checkpoint they were made from%s",
			method, out);
	if (eight || (four && strcmp(type, "nf4")))
		return fault(err,
			"quantization_config: bitsandbytes %.40s is not supported; NF4 is%s",
			four ? type : "8 bit", out);
	return 0;
}

static const struct st_tensor *part(const struct folder *f, const char *weight, const char *suffix)
{
	char name[512];

	if (snprintf(name, sizeof name, "%s.%s", weight, suffix) >= (int)sizeof name)
		return NULL;
	return folder_find(f, name);
}

static int to_type(const char *dtype, enum tensor_type *to)
{
	if (strcmp(dtype, "bfloat16") == 0)
		*to = T_BF16;
	else if (strcmp(dtype, "float16") == 0)
		*to = T_F16;
	else if (strcmp(dtype, "float32") == 0)
		*to = T_F32;
	else
		return -1;
	return 0;
}

static int read_state(struct bnb *b, const json_t *state, struct fault *err)
{
	const char *type = "", *dtype = "", *nested = "float32";
	const json_t *shape = json_object_get(state, "shape");
	int64_t block = 0, nested_block = NESTED;
	double offset = 0;

	if (json_get_string(state, "quant_type", &type, err) < 0 ||
		json_get_string(state, "dtype", &dtype, err) < 0 ||
		json_get_string(state, "nested_dtype", &nested, err) < 0 ||
		json_get_int(state, "blocksize", 1, 1 << 20, &block, err) < 0 ||
		json_get_int(state, "nested_blocksize", 1, 1 << 20, &nested_block, err) < 0 ||
		json_get_real(state, "nested_offset", &offset, err) < 0)
		return -1;
	if (strcmp(type, "nf4") || block != BLOCK || nested_block != NESTED ||
		strcmp(nested, "float32"))
		return fault(err,
			"quantised as %s in blocks of %lld and %lld; only nf4 in blocks of %d and "
			"%d is supported",
			type, (long long)block, (long long)nested_block, BLOCK, NESTED);
	if (to_type(dtype, &b->to))
		return fault(err, "dequantises to %s, which is not supported", dtype);
	if (json_array_size(shape) != 2 || !json_is_integer(json_array_get(shape, 0)) ||
		!json_is_integer(json_array_get(shape, 1)))
		return fault(err, "its quant_state has no shape of two numbers");
	b->rows = (uint64_t)json_integer_value(json_array_get(shape, 0));
	b->cols = (uint64_t)json_integer_value(json_array_get(shape, 1));
	if (b->rows < 1 || b->rows > 1 << 26 || b->cols < 1 || b->cols > 1 << 26)
		return fault(err, "its quant_state has a shape out of all bounds");
	b->offset = (float)offset;
	return 0;
}

static int is_vector(const struct st_tensor *t, enum tensor_type type, uint64_t n)
{
	return t && t->type == type && t->bytes == n * (type == T_F32 ? 4 : 1);
}

static int check_parts(struct bnb *b, const struct st_tensor *map, struct fault *err)
{
	uint64_t n = b->rows * b->cols, blocks = bnb_blocks(b);

	if (b->codes->bytes != (n + 1) / 2)
		return fault(err, "%llu bytes of codes for %llu values",
			(unsigned long long)b->codes->bytes, (unsigned long long)n);
	if (!is_vector(map, T_F32, 16))
		return fault(err, "its quant_map is no vector of 16 F32 values");
	memcpy(b->code, map->data, sizeof b->code);
	if (b->absmax && b->absmax->type == T_F32) {
		b->nested_absmax = b->nested_map = NULL;
		return is_vector(b->absmax, T_F32, blocks)
			? 0
			: fault(err, "its absmax has not one value for each of %llu blocks",
				  (unsigned long long)blocks);
	}
	if (!is_vector(b->absmax, T_U8, blocks))
		return fault(err, "its absmax has not one byte for each of %llu blocks",
			(unsigned long long)blocks);
	if (!is_vector(b->nested_absmax, T_F32, (blocks + NESTED - 1) / NESTED))
		return fault(err, "its nested_absmax is missing or has the wrong size");
	if (!is_vector(b->nested_map, T_F32, 256))
		return fault(err, "its nested_quant_map is no vector of 256 F32 values");
	return 0;
}

static int find(struct bnb *b, const struct folder *f, const char *weight,
	const struct st_tensor *state, struct fault *err)
{
	json_t *j = NULL;
	int bad;

	*b = (struct bnb){
		.codes = folder_find(f, weight),
		.absmax = part(f, weight, "absmax"),
		.nested_absmax = part(f, weight, "nested_absmax"),
		.nested_map = part(f, weight, "nested_quant_map"),
	};
	if (!b->codes)
		return fault(err, "is missing");
	if (state->type != T_U8 || state->bytes > MAX_STATE)
		return fault(err, "its quant_state is no text");
	if (json_parse(&j, (const char *)state->data, state->bytes, 1024, err))
		return -1;
	bad = read_state(b, j, err);
	json_decref(j);
	return bad || check_parts(b, part(f, weight, "quant_map"), err) ? -1 : 1;
}

int bnb_find(struct bnb *b, const struct folder *f, const char *weight, struct fault *err)
{
	const struct st_tensor *state = part(f, weight, "quant_state.bitsandbytes__nf4");

	if (state)
		return find(b, f, weight, state, err);
	if (part(f, weight, "quant_state.bitsandbytes__fp4"))
		return fault(err, "bitsandbytes FP4 is not supported; NF4 is");
	return part(f, weight, "absmax") ? fault(err, "has an absmax but no quant_state of NF4")
					 : 0;
}

size_t bnb_weight(const char *name)
{
	static const char *const parts[] = { ".absmax", ".quant_map", ".nested_absmax",
		".nested_quant_map", ".quant_state.bitsandbytes__nf4" };
	static const char weight[] = ".weight";
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t e = strlen(parts[i]), w = strlen(weight);

		if (n > e + w && strcmp(name + n - e, parts[i]) == 0 &&
			strncmp(name + n - e - w, weight, w) == 0)
			return n - e;
	}
	return n;
}

int bnb_is_part(const char *name)
{
	return bnb_weight(name) < strlen(name);
}

uint64_t bnb_blocks(const struct bnb *b)
{
	return (b->rows * b->cols + BLOCK - 1) / BLOCK;
}

void bnb_absmax(const struct bnb *b, float *out)
{
	uint64_t blocks = bnb_blocks(b);
	float map[256], scale;

	if (!b->nested_map) {
		memcpy(out, b->absmax->data, blocks * 4);
		return;
	}
	memcpy(map, b->nested_map->data, sizeof map);
	for (uint64_t i = 0; i < blocks; i++) {
		memcpy(&scale, b->nested_absmax->data + i / NESTED * 4, 4);
		out[i] = map[b->absmax->data[i]] * scale + b->offset;
	}
}
