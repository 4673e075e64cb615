/* Records held against every kind. One that is of a kind has a JSON form, and what rec-make packs
 * of that has a JSON form which gives the same bytes again. */
#include "fuzz.h"
#include "stream/kinds.h"
#include "stream/mp.h"
#include "stream/mpjson.h"

#include <msgpack.h>

/* The record that the JSON form of o gives, into b: 0, or -1 where rec-make would refuse it. */
static int repack(enum kind k, const msgpack_object *o, msgpack_sbuffer *b)
{
	msgpack_zone *zone = msgpack_zone_new(1 << 12);
	char *text = NULL;
	struct fault err = { "" };
	FILE *f = open_memstream(&text, &(size_t){ 0 });
	const char *why = NULL;
	msgpack_object again;
	msgpack_packer pk;
	int rc;

	mpjson_print(f, o, 1);
	fclose(f);
	msgpack_packer_init(&pk, b, msgpack_sbuffer_write);
	rc = mpjson_parse(text, strlen(text), zone, &again, &why);
	holds(rc == 0 || why);
	if (rc == 0) {
		rc = mpjson_pack(&pk, k, &again, &err);
		holds(rc == 0 || *err.text);
	}
	msgpack_zone_free(zone);
	free(text);
	return rc;
}

static void there_and_back(enum kind k, const msgpack_object *o)
{
	msgpack_sbuffer once, twice;
	msgpack_unpacked u;
	size_t off = 0;

	msgpack_sbuffer_init(&once);
	msgpack_sbuffer_init(&twice);
	msgpack_unpacked_init(&u);
	if (repack(k, o, &once) == 0) {
		holds(msgpack_unpack_next(&u, once.data, once.size, &off) ==
			MSGPACK_UNPACK_SUCCESS);
		holds(repack(k, &u.data, &twice) == 0);
		holds(once.size == twice.size && !memcmp(once.data, twice.data, once.size));
	}
	msgpack_unpacked_destroy(&u);
	msgpack_sbuffer_destroy(&once);
	msgpack_sbuffer_destroy(&twice);
}

static void one_record(const msgpack_object *o)
{
	struct fault err;

	for (enum kind k = 0; k < KIND_COUNT; k++) {
		*err.text = 0;
		if (kind_check(k, o, &err))
			holds(*err.text);
		else
			there_and_back(k, o);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const char *why;
	msgpack_unpacked u;
	long len;

	msgpack_unpacked_init(&u);
	for (size_t at = 0; (len = mp_check(bytes + at, n - at, &why)) > 0; at += (size_t)len) {
		size_t off = at;

		holds(msgpack_unpack_next(&u, (const char *)bytes, at + (size_t)len, &off) ==
			MSGPACK_UNPACK_SUCCESS);
		if (u.data.type == MSGPACK_OBJECT_MAP)
			one_record(&u.data);
	}
	msgpack_unpacked_destroy(&u);
	return 0;
}
