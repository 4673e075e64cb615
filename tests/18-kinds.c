/* Records held against the table of kinds: a good one of each kind with its bytes damaged is
 * refused with a reason, or read by its typed reader without harm (under a sanitizer this says
 * more); each key left out is named. */
#include "stream/mpjson.h"
#include "stream/records.h"
#include "sys/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define TEN "1,2,3,4,5,6,7,8,9,10,"
#define BLOCK \
	"{\"n\":2,\"l\":5,\"mean\":0.1,\"sem\":null,\"layers\":9,\"rule\":\"simple\",\"sure\":0." \
	"5,\"second\":0}"
#define MODEL \
	"{\"base\":\"b\",\"print\":\"00\",\"keep\":[0,1,8],\"adapter\":\"a\",\"adapter_print\":" \
	"\"11\"," \
	"\"quant\":\"nf4\",\"block\":" BLOCK "}"

static const char *const good[KIND_COUNT] = {
	[KIND_TOKENS] = "{\"doc\":3,\"ids\":[1,2,70000]}",
	[KIND_HIDDEN] =
		"{\"doc\":3,\"ntok\":9,\"layer\":1,\"position\":4,\"x\":[[1,2],[3,4],[5,6]]}",
	[KIND_ANGLE] = "{\"n\":1,\"l\":0,\"count\":1,\"mean\":8388608,\"sem\":0.5,\"sum\":"
		       "9223372036854775808,\"sumsq\":7.8e25,\"resamples\":[" TEN TEN TEN TEN TEN
			       TEN TEN TEN TEN "1,2,3,4,5,6,7,8,9,0]}",
	[KIND_BLOCK] = BLOCK,
	[KIND_MODEL] = MODEL,
	[KIND_LOSS] = "{\"step\":0,\"lr\":0.1,\"loss\":2.5,\"ce\":2.5,\"aux\":0,\"norm\":1,"
		      "\"tokens\":4096,\"valid\":1}",
	[KIND_SAMPLE] = "{\"task\":\"t\",\"subject\":\"s\",\"row\":1,\"model\":0,\"logp\":[-1,-2],"
			"\"answer\":0,\"choice\":1,"
			"\"choice_norm\":1,\"top\":true,\"ntok\":5,\"prompt\":\"p\",\"nats\":1.5}",
	[KIND_SCORE] = "{\"task\":\"t\",\"metric\":\"m\",\"value\":2,\"stderr\":0.5,\"count\":1,"
		       "\"sum\":2,\"sumsq\":4,"
		       "\"model\":" MODEL ",\"own\":[1,2]}",
	[KIND_COST] = "{\"parameters\":9,\"adapter_parameters\":1,\"bytes_bf16\":20,\"bytes_nf4\":"
		      "8,\"flop\":18,\"kv\":2.5,\"length\":4,\"rate\":7.5,\"peak\":90,"
		      "\"model\":" MODEL "}",
};

static char path[] = "/tmp/coppice-kinds-XXXXXX";
static char *files[] = { path, NULL };
static uint64_t rng = 7;

static unsigned below(unsigned n)
{
	rng = rng * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(rng >> 33) % n;
}

static void pack_good(msgpack_sbuffer *bytes, enum kind k)
{
	msgpack_zone *zone = msgpack_zone_new(8192);
	msgpack_packer pk;
	msgpack_object o;
	const char *why;
	struct fault err;

	msgpack_sbuffer_init(bytes);
	msgpack_packer_init(&pk, bytes, msgpack_sbuffer_write);
	assert_int_equal(mpjson_parse(good[k], strlen(good[k]), zone, &o, &why), 0);
	assert_int_equal(mpjson_pack(&pk, k, &o, &err), 0);
	msgpack_zone_free(zone);
}

/* 1: whole, and of the kind. The bytes are copied, so that a sanitizer sees what is read beyond
 * them. */
static int accepted(const char *bytes, size_t n, enum kind k)
{
	char *copy = xmalloc(n);
	struct fault err = { "" };
	const char *why;
	msgpack_unpacked u;
	size_t off = 0;
	int ok = 0;

	memcpy(copy, bytes, n);
	if (mp_check((unsigned char *)copy, n, &why) == (long)n) {
		msgpack_unpacked_init(&u);
		assert_int_equal(msgpack_unpack_next(&u, copy, n, &off), MSGPACK_UNPACK_SUCCESS);
		ok = kind_check(k, &u.data, &err) == 0;
		assert_true(ok || *err.text);
		msgpack_unpacked_destroy(&u);
	}
	free(copy);
	return ok;
}

static void read_all(enum kind k)
{
	struct rec_in *in = rec_open(files, k);
	union {
		struct tokens t;
		struct hidden h;
		struct angle a;
		struct block b;
		struct model_rec m;
		struct loss_rec l;
		struct sample s;
		struct score c;
		struct cost o;
	} r;
	int more = 1;

	while (more)
		switch (k) {
		case KIND_TOKENS: more = tokens_read(in, &r.t); break;
		case KIND_HIDDEN: more = hidden_read(in, &r.h); break;
		case KIND_ANGLE: more = angle_read(in, &r.a); break;
		case KIND_BLOCK: more = block_read(in, &r.b); break;
		case KIND_MODEL: more = model_rec_read(in, &r.m); break;
		case KIND_LOSS: more = loss_read(in, &r.l); break;
		case KIND_SAMPLE: more = sample_read(in, &r.s); break;
		case KIND_SCORE: more = score_read(in, &r.c); break;
		case KIND_COST: more = cost_read(in, &r.o); break;
		default: more = 0;
		}
	rec_close(in);
}

/* In a child, for a reader may die: 0 or 1, not by a signal. */
static int status_of_reading(enum kind k)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		fclose(stderr);
		read_all(k);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void write_one(enum kind k, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "w");
	struct rec_out *out = rec_create(f, path, k, NULL, NULL, NULL, 0);
	msgpack_packer *pk = rec_packer(out);

	pk->callback(pk->data, bytes, n);
	rec_put(out);
	rec_finish(out);
	fclose(f);
}

static void damaged_records_do_no_harm(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KIND_COUNT; k++) {
		msgpack_sbuffer b;
		int n_accepted = 0;

		pack_good(&b, k);
		assert_true(accepted(b.data, b.size, k));
		write_one(k, b.data, b.size);
		assert_int_equal(status_of_reading(k), 0);
		for (int i = 0; i < 20000; i++) {
			size_t at = below((unsigned)b.size), other = below((unsigned)b.size);
			char was = b.data[at], was_other = b.data[other];

			b.data[at] = (char)(below(3) ? was ^ 1 << below(8) : (int)below(256));
			if (below(2))
				b.data[other] = (char)below(256);
			if (accepted(b.data, b.size, k) && n_accepted++ % 100 == 0) {
				write_one(k, b.data, b.size);
				assert_in_range(status_of_reading(k), 0, 1);
			}
			b.data[other] = was_other;
			b.data[at] = was;
		}
		assert_in_range(n_accepted, 10, 19000);
		msgpack_sbuffer_destroy(&b);
	}
}

static void each_key_is_missed_by_name(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KIND_COUNT; k++) {
		msgpack_unpacked u;
		msgpack_sbuffer b;
		size_t off = 0;

		pack_good(&b, k);
		msgpack_unpacked_init(&u);
		msgpack_unpack_next(&u, b.data, b.size, &off);
		for (const struct key *key = kind_keys(k); key->name; key++) {
			msgpack_object_str *name = &u.data.via.map.ptr[key - kind_keys(k)]
							    .key.via.str;
			const char *was = name->ptr;
			struct fault err = { "" };
			char want[256];

			name->ptr = "________________________";
			snprintf(want, sizeof want, "key '%s': missing", key->name);
			if (key->flags & KEY_OPTIONAL)
				assert_int_equal(kind_check(k, &u.data, &err), 0);
			else
				assert_int_equal(kind_check(k, &u.data, &err), -1);
			assert_string_equal(err.text, key->flags & KEY_OPTIONAL ? "" : want);
			name->ptr = was;
		}
		msgpack_unpacked_destroy(&u);
		msgpack_sbuffer_destroy(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_records_do_no_harm),
		cmocka_unit_test(each_key_is_missed_by_name),
	};
	int failed;

	close(mkstemp(path));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
