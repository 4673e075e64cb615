/* proto - see proto.h
 */
#include "file/proto.h"

#include <string.h>

/* A number of at most ten bytes of seven bits, the lowest first. 0, or -1. */
static int varint(struct proto *p, uint64_t *v)
{
	*v = 0;
	for (int shift = 0; shift < 70 && p->at < p->end; shift += 7) {
		*v |= (uint64_t)(*p->at & 0x7f) << shift;
		if (shift == 63 && *p->at > 1)
			return -1;
		if (!(*p->at++ & 0x80))
			return 0;
	}
	return -1;
}

static int fixed(struct proto *p, uint64_t *v, size_t n)
{
	if ((size_t)(p->end - p->at) < n)
		return -1;
	*v = 0;
	memcpy(v, p->at, n);
	p->at += n;
	return 0;
}

int proto_next(struct proto *p, struct proto_field *f)
{
	uint64_t tag;

	if (p->at == p->end)
		return 0;
	if (varint(p, &tag) || tag >> 3 == 0 || tag >> 32)
		return -1;
	f->number = (uint32_t)(tag >> 3);
	f->type = (enum proto_type)(tag & 7);
	switch (f->type) {
	case PROTO_INT: return varint(p, &f->value) ? -1 : 1;
	case PROTO_64: return fixed(p, &f->value, 8) ? -1 : 1;
	case PROTO_32: return fixed(p, &f->value, 4) ? -1 : 1;
	case PROTO_BYTES:
		if (varint(p, &f->value) || f->value > (uint64_t)(p->end - p->at))
			return -1;
		f->bytes = (struct proto){ p->at, p->at + f->value };
		p->at += f->value;
		return 1;
	}
	return -1;
}

float proto_float(const struct proto_field *f)
{
	uint32_t bits = (uint32_t)f->value;
	float v;

	memcpy(&v, &bits, sizeof v);
	return v;
}
