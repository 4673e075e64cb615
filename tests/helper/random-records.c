/* random-records - a stream of random records of a kind, as rec-make would name it
 *
 *   random-records KIND SEED
 *
 * Every value that the table of kinds allows may come: NaNs of any bits, integers of 64 bits,
 * strings with NUL, keys that the table does not know.
 */
#include "cli/cli.h"
#include "stream/rec.h"
#include "sys/die.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS = 40 };

static const struct cli cli = {
	.name = "rec-make", .operands = "KIND SEED", .about = "random records"
};
static uint64_t state;

static uint64_t random_bits(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static unsigned below(unsigned n)
{
	return (unsigned)(random_bits() >> 32) % n;
}

static void pack_real(msgpack_packer *pk)
{
	static const double special[] = { 0.0, -0.0, 1.0, -17.0, INFINITY, -INFINITY, 5e-324, 1e23,
		0.1, 9007199254740993.0 };
	uint64_t bits = random_bits();
	double v;

	memcpy(&v, &bits, sizeof v);
	if (below(4) == 0)
		v = special[below(sizeof special / sizeof *special)];
	if (below(16) == 0) {
		bits |= 0x7ff0000000000001;
		memcpy(&v, &bits, sizeof v);
	}
	msgpack_pack_double(pk, v);
}

static void pack_text(msgpack_packer *pk, int with_nul)
{
	static const char *const pieces[] = { "a", "\"", "\\", "\n", "\t", "\x7f", "\x01",
		"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "{", "nan", "/", " " };
	char s[64];
	size_t n = 0;

	for (unsigned i = below(12); i > 0; i--) {
		const char *p = pieces[below(sizeof pieces / sizeof *pieces)];

		if (with_nul && below(8) == 0)
			s[n++] = 0;
		memcpy(s + n, p, strlen(p));
		n += strlen(p);
	}
	msgpack_pack_str_with_body(pk, s, n);
}

static void pack_shaped(msgpack_packer *pk, const char *dtype, int dims, const size_t *shape)
{
	unsigned char data[40 * 4 * 4 * 4 * 8];
	size_t n = dtype_size(dtype);

	for (int i = 0; i < dims; i++)
		n *= shape[i];
	for (size_t i = 0; i < n; i++)
		data[i] = below(4) ? (unsigned char)random_bits()
				   : (unsigned char[]){ 0, 0x7f, 0x80, 0xff }[below(4)];
	msgpack_pack_map(pk, 3);
	mp_pack_str(pk, "dtype");
	mp_pack_str(pk, dtype);
	mp_pack_str(pk, "shape");
	msgpack_pack_array(pk, (size_t)dims);
	for (int i = 0; i < dims; i++)
		msgpack_pack_uint64(pk, shape[i]);
	mp_pack_str(pk, "data");
	msgpack_pack_bin_with_body(pk, data, n);
}

static void pack_tensor(msgpack_packer *pk, const char *dtype, int dims)
{
	size_t shape[TENSOR_DIMS];

	for (int i = 0; i < dims; i++)
		shape[i] = 1 + below(i ? 4 : 40);
	pack_shaped(pk, dtype, dims, shape);
}

static void pack_record(msgpack_packer *pk, enum kind k);

/* A sum as an integer where it is one, or as a float. */
static void pack_sum(msgpack_packer *pk, double v)
{
	if (v == trunc(v) && v >= 0 && v < 0x1p64 && below(2))
		msgpack_pack_uint64(pk, (uint64_t)v);
	else if (v == trunc(v) && fabs(v) < 0x1p63 && below(2))
		msgpack_pack_int64(pk, (int64_t)v);
	else
		msgpack_pack_double(pk, v);
}

/* Count, mean and sums of an angle are those of count equal values, of any size and sign. */
static int pack_angle(msgpack_packer *pk, const char *key)
{
	static double count, d;

	if (strcmp(key, "count") == 0) {
		count = 1 + below(1000);
		d = ldexp((double)below(1000), (int)below(100) - 50) * (below(4) ? 1 : -1);
		msgpack_pack_uint64(pk, (uint64_t)count);
	} else if (strcmp(key, "mean") == 0) {
		msgpack_pack_double(pk, d);
	} else if (strcmp(key, "sem") == 0) {
		msgpack_pack_double(pk, below(5) ? (double)below(9) / 7 : NAN);
	} else if (strcmp(key, "sum") == 0) {
		pack_sum(pk, ldexp(count * d, 40));
	} else if (strcmp(key, "sumsq") == 0) {
		pack_sum(pk, ldexp(count * d * d, 40));
	} else if (strcmp(key, "resamples") == 0) {
		pack_shaped(pk, "u64", 1, (size_t[]){ RESAMPLES });
	} else {
		return 0;
	}
	return 1;
}

/* What the kind's sense asks of single keys; 1: packed. */
static int pack_special(msgpack_packer *pk, const struct key *key, enum kind k)
{
	static unsigned n, l;

	if (k == KIND_ANGLE && pack_angle(pk, key->name))
		return 1;
	if (strcmp(key->name, "rule") == 0)
		mp_pack_str(pk,
			(const char *[]){
				"simple", "similarity", "greedy", "\316\262 3\t;" }[below(4)]);
	else if (strcmp(key->name, "quant") == 0)
		mp_pack_str(pk, below(2) ? "nf4" : NULL);
	else if (strcmp(key->name, "n") == 0)
		msgpack_pack_uint64(pk, n = 1 + below(100));
	else if (strcmp(key->name, "l") == 0)
		msgpack_pack_uint64(pk, l = below(100));
	else if (strcmp(key->name, "layers") == 0 && k == KIND_BLOCK)
		msgpack_pack_uint64(pk, n + l + below(100));
	else if (strcmp(key->name, "sure") == 0)
		msgpack_pack_double(pk, (double)below(RESAMPLES + 1) / RESAMPLES);
	else if (strcmp(key->name, "second") == 0)
		msgpack_pack_uint64(pk, below(l + 1));
	else
		return 0;
	return 1;
}

static void pack_keep(msgpack_packer *pk)
{
	unsigned n = 1 + below(200), at = below(5);

	msgpack_pack_array(pk, n);
	for (unsigned i = 0; i < n; i++, at += 1 + below(3))
		msgpack_pack_uint64(pk, at);
}

static void pack_value(msgpack_packer *pk, const struct key *key, enum kind k)
{
	if (pack_special(pk, key, k))
		return;
	if (key->flags & KEY_NIL && below(3) == 0) {
		msgpack_pack_nil(pk);
		return;
	}
	switch (key->type) {
	case KEY_COUNT: msgpack_pack_uint64(pk, random_bits() >> below(64)); break;
	case KEY_INT: msgpack_pack_uint64(pk, below(1u << 31) >> below(31)); break;
	case KEY_REAL:
	case KEY_SUM: pack_real(pk); break;
	case KEY_BOOL: below(2) ? msgpack_pack_true(pk) : msgpack_pack_false(pk); break;
	case KEY_TEXT: pack_text(pk, 0); break;
	case KEY_BYTES: pack_text(pk, 1); break;
	case KEY_INTS: pack_keep(pk); break;
	case KEY_TENSOR: pack_tensor(pk, key->dtype, key->dims); break;
	case KEY_RECORD: pack_record(pk, key->record); break;
	}
}

/* Values that only the JSON forms tell apart. Floats that are not finite are strings where no table
 * says otherwise. */
static void pack_unknown(msgpack_packer *pk)
{
	static const char *const dtypes[] = { "f32", "bf16", "f16", "u32", "i32", "u8", "u64" };

	mp_pack_str(pk, "zz unknown \"key\"");
	msgpack_pack_array(pk, 6);
	msgpack_pack_int64(pk, (int64_t)random_bits() >> below(64));
	msgpack_pack_uint64(pk, random_bits() | 1ull << 63);
	msgpack_pack_double(pk, (double)below(100) / (double)(1 + below(8)));
	msgpack_pack_bin_with_body(pk, "\0\xff\x80", below(4));
	pack_text(pk, 1);
	pack_tensor(pk, dtypes[below(7)], (int)below(4));
}

static void pack_record(msgpack_packer *pk, enum kind k)
{
	size_t n = 0;
	int unknown = (int)below(2), skip = (int)below(2);

	for (const struct key *key = kind_keys(k); key->name; key++)
		n += !(key->flags & KEY_OPTIONAL && skip);
	msgpack_pack_map(pk, n + (size_t)unknown);
	for (const struct key *key = kind_keys(k); key->name; key++) {
		if (key->flags & KEY_OPTIONAL && skip)
			continue;
		mp_pack_str(pk, key->name);
		pack_value(pk, key, k);
	}
	if (unknown)
		pack_unknown(pk);
}

int main(int argc, char *argv[])
{
	char **words = cli_parse(&cli, argc, argv);
	int k = words[0] && words[1] ? kind_find(words[0]) : -1;
	struct rec_out *out;

	if (k < 0)
		misuse("KIND SEED is wanted");
	state = strtoull(words[1], NULL, 10);
	out = rec_create(stdout, "standard output", (enum kind)k, NULL, NULL, NULL, 0);
	for (int i = 0; i < RECORDS; i++) {
		pack_record(rec_packer(out), (enum kind)k);
		rec_put(out);
	}
	rec_finish(out);
	return 0;
}
