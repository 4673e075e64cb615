/* mpjson - msgpack objects as JSON and TSV text
 */
#include "stream/mpjson.h"

#include "file/half.h"
#include "stream/mp.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SUMMARY = 4 }; /* numbers shown of a tensor */

/* -- numbers ----------------------------------------------------------------------------------- */

/* bits: the NaN's own, so many hex digits; canonical: the quiet one, which JSON calls null. */
static void print_word(FILE *f, double v, uint64_t bits, int digits, uint64_t canonical,
	const char *quote)
{
	if (isinf(v))
		fprintf(f, "%s%s%s", quote, v < 0 ? "-inf" : "inf", quote);
	else if (bits == canonical)
		fputs(*quote ? "null" : "nan", f);
	else
		fprintf(f, "%snan:%0*" PRIx64 "%s", quote, digits, bits, quote);
}

static const uint64_t QUIET_NAN = 0x7ff8000000000000; /* the canonical NaN of float64 */

static uint64_t bits_of(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof bits);
	return bits;
}

static void print_f64(FILE *f, double v, const char *quote)
{
	char s[40];

	if (!isfinite(v)) {
		print_word(f, v, bits_of(v), 16, QUIET_NAN, quote);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(s, sizeof s, "%.*g", digits, v);
		if (strtod(s, NULL) == v)
			break;
	}
	fprintf(f, "%s%s", s, strpbrk(s, ".e") ? "" : ".0");
}

/* Read back by way of a double, so it is tried that way. */
static void print_f32(FILE *f, float v)
{
	char s[40];

	for (int digits = 6; digits <= 9; digits++) {
		snprintf(s, sizeof s, "%.*g", digits, (double)v);
		if ((float)strtod(s, NULL) == v)
			break;
	}
	fputs(s, f);
}

/* -- tensors ----------------------------------------------------------------------------------- */

static uint64_t element_bits(const struct rec_tensor *t, uint64_t i)
{
	const unsigned char *p = (const unsigned char *)t->data + i * t->size;
	uint64_t v = 0;

	for (size_t b = t->size; b-- > 0;)
		v = v << 8 | p[b];
	return v;
}

static int is_float(const struct rec_tensor *t)
{
	return strchr(t->dtype, 'f') != NULL;
}

static float element_float(const struct rec_tensor *t, uint64_t bits)
{
	uint32_t b = (uint32_t)bits;
	float v;

	if (strcmp(t->dtype, "bf16") == 0)
		return bf16_to_f32((uint16_t)b);
	if (strcmp(t->dtype, "f16") == 0)
		return f16_to_f32((uint16_t)b);
	memcpy(&v, &b, sizeof v);
	return v;
}

static double element(const struct rec_tensor *t, uint64_t i)
{
	uint64_t bits = element_bits(t, i);

	if (is_float(t))
		return (double)element_float(t, bits);
	return strcmp(t->dtype, "i32") == 0 ? (double)(int32_t)bits : (double)bits;
}

static void print_element(FILE *f, const struct rec_tensor *t, uint64_t i, const char *quote)
{
	uint64_t bits = element_bits(t, i),
		 quiet = t->size == 4 ? 0x7fc00000
		: t->dtype[0] == 'b'  ? 0x7fc0
				      : 0x7e00;
	double v = element(t, i);

	if (t->size == 8)
		fprintf(f, "%" PRIu64, bits);
	else if (!is_float(t))
		fprintf(f, "%.0f", v);
	else if (isfinite(v))
		print_f32(f, (float)v);
	else
		print_word(f, v, bits, (int)t->size * 2, quiet, quote);
}

static void print_elements(FILE *f, const struct rec_tensor *t, uint64_t n, const char *quote)
{
	for (uint64_t i = 0; i < n; i++) {
		if (i)
			putc(',', f);
		print_element(f, t, i, quote);
	}
}

/* The first few, the range, and how many are no numbers. */
static void print_summary(FILE *f, const struct rec_tensor *t)
{
	uint64_t nans = 0, low = UINT64_MAX, high = UINT64_MAX;

	fputs("\"head\":[", f);
	print_elements(f, t, t->n < SUMMARY ? t->n : SUMMARY, "\"");
	putc(']', f);
	for (uint64_t i = 0; i < t->n; i++) {
		double v = element(t, i);

		if (isnan(v)) {
			nans++;
			continue;
		}
		if (low == UINT64_MAX || v < element(t, low))
			low = i;
		if (high == UINT64_MAX || v > element(t, high))
			high = i;
	}
	if (low != UINT64_MAX) {
		fputs(",\"min\":", f);
		print_element(f, t, low, "\"");
		fputs(",\"max\":", f);
		print_element(f, t, high, "\"");
	}
	if (nans)
		fprintf(f, ",\"nan\":%" PRIu64, nans);
}

/* 1: the map has a tensor's keys and no others, and was printed. */
static int print_tensor(FILE *f, const msgpack_object *o, int full)
{
	struct rec_tensor t;
	const char *why;

	if (o->via.map.size != 3 || tensor_parse(o, &t, &why))
		return 0;
	fprintf(f, "{\"dtype\":\"%s\",\"shape\":[", t.dtype);
	for (int i = 0; i < t.dims; i++)
		fprintf(f, "%s%" PRIu64, i ? "," : "", t.shape[i]);
	fputs("],", f);
	if (full) {
		fputs("\"data\":[", f);
		print_elements(f, &t, t.n, "\"");
		putc(']', f);
	} else {
		print_summary(f, &t);
	}
	putc('}', f);
	return 1;
}

/* -- values ------------------------------------------------------------------------------------ */

static void print_string(FILE *f, const char *s, size_t n)
{
	putc('"', f);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", f);
		else if (c == '\t')
			fputs("\\t", f);
		else if (c < 0x20 || c == 0x7f)
			fprintf(f, "\\u%04x", c);
		else
			putc(c, f);
	}
	putc('"', f);
}

static void print_hex(FILE *f, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%02x", (unsigned char)s[i]);
}

static void print_array(FILE *f, const msgpack_object_array *a, int full)
{
	putc('[', f);
	for (uint32_t i = 0; i < a->size; i++) {
		if (i)
			putc(',', f);
		mpjson_print(f, &a->ptr[i], full);
	}
	putc(']', f);
}

/* A value for which the table has this key, or NULL. Where nil means something else, a NaN is no
 * null. */
static void print_value(FILE *f, const struct key *key, const msgpack_object *o, int full)
{
	if (key && key->type == KEY_RECORD && o->type == MSGPACK_OBJECT_MAP)
		mpjson_print_record(f, key->record, o, full);
	else if (key && key->flags & KEY_NIL && o->type == MSGPACK_OBJECT_FLOAT64 &&
		bits_of(o->via.f64) == QUIET_NAN)
		fputs("\"nan\"", f);
	else
		mpjson_print(f, o, full);
}

static void print_map(FILE *f, enum kind k, const msgpack_object_map *m, int full)
{
	putc('{', f);
	for (uint32_t i = 0; i < m->size; i++) {
		const msgpack_object_str *name = &m->ptr[i].key.via.str;

		if (i)
			putc(',', f);
		print_string(f, name->ptr, name->size);
		putc(':', f);
		print_value(f, k == KIND_ANY ? NULL : key_find(k, name->ptr, name->size),
			&m->ptr[i].val, full);
	}
	putc('}', f);
}

void mpjson_print_record(FILE *f, enum kind k, const msgpack_object *o, int full)
{
	print_map(f, k, &o->via.map, full);
}

void mpjson_print(FILE *f, const msgpack_object *o, int full)
{
	switch (o->type) {
	case MSGPACK_OBJECT_NIL: fputs("null", f); break;
	case MSGPACK_OBJECT_BOOLEAN: fputs(o->via.boolean ? "true" : "false", f); break;
	case MSGPACK_OBJECT_POSITIVE_INTEGER: fprintf(f, "%" PRIu64, o->via.u64); break;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER: fprintf(f, "%" PRId64, o->via.i64); break;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64: print_f64(f, o->via.f64, "\""); break;
	case MSGPACK_OBJECT_STR: print_string(f, o->via.str.ptr, o->via.str.size); break;
	case MSGPACK_OBJECT_BIN:
		fputs("{\"bin\":\"", f);
		print_hex(f, o->via.bin.ptr, o->via.bin.size);
		fputs("\"}", f);
		break;
	case MSGPACK_OBJECT_ARRAY: print_array(f, &o->via.array, full); break;
	case MSGPACK_OBJECT_MAP:
		if (!print_tensor(f, o, full))
			print_map(f, KIND_ANY, &o->via.map, full);
		break;
	default: break;
	}
}

static void print_plain(FILE *f, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *special = "\\\t\n\r", *at = s[i] ? strchr(special, s[i]) : NULL;

		if (at)
			fprintf(f, "\\%c", "\\tnr"[at - special]);
		else
			putc(s[i], f);
	}
}

void mpjson_print_field(FILE *f, const msgpack_object *o)
{
	struct rec_tensor t;
	const char *why;

	if (!o || o->type == MSGPACK_OBJECT_NIL)
		return;
	if (o->type == MSGPACK_OBJECT_STR) {
		print_plain(f, o->via.str.ptr, o->via.str.size);
	} else if (o->type == MSGPACK_OBJECT_BIN) {
		print_hex(f, o->via.bin.ptr, o->via.bin.size);
	} else if (o->type == MSGPACK_OBJECT_FLOAT64 || o->type == MSGPACK_OBJECT_FLOAT32) {
		print_f64(f, o->via.f64, "");
	} else if (o->type == MSGPACK_OBJECT_ARRAY) {
		for (uint32_t i = 0; i < o->via.array.size; i++) {
			if (i)
				putc(',', f);
			mpjson_print_field(f, &o->via.array.ptr[i]);
		}
	} else if (o->type == MSGPACK_OBJECT_MAP && tensor_parse(o, &t, &why) == 0) {
		print_elements(f, &t, t.n, "");
	} else {
		mpjson_print(f, o, 0);
	}
}
