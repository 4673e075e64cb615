/* projection - the four matrices of a layer; see projection.h
 */
#include "forward/projection.h"

static const struct {
	enum role role[3];
	int n;
} projections[PROJ_COUNT] = {
	[PROJ_QKV] = { { ROLE_Q, ROLE_K, ROLE_V }, 3 },
	[PROJ_O] = { { ROLE_O }, 1 },
	[PROJ_UP] = { { ROLE_GATE, ROLE_UP }, 2 },
	[PROJ_DOWN] = { { ROLE_DOWN }, 1 },
};

int proj_roles(const enum role **roles, const struct shape *s, enum projection p)
{
	int skip = p == PROJ_UP && !s->gated;

	*roles = projections[p].role + skip;
	return projections[p].n - skip;
}

static size_t role_rows(const struct shape *s, enum role r)
{
	uint64_t rows, cols;

	shape_of_role(s, r, &rows, &cols);
	return rows;
}

static size_t role_cols(const struct shape *s, enum role r)
{
	uint64_t rows, cols;

	shape_of_role(s, r, &rows, &cols);
	return cols;
}

size_t proj_out(const struct shape *s, enum projection p)
{
	const enum role *roles;
	size_t out = 0;

	for (int n = proj_roles(&roles, s, p), i = 0; i < n; i++)
		out += role_rows(s, roles[i]);
	return out;
}

size_t proj_in(const struct shape *s, enum projection p)
{
	const enum role *roles;

	proj_roles(&roles, s, p);
	return role_cols(s, roles[0]);
}

struct weight_layout proj_layout(const struct shape *s, enum projection p)
{
	return (struct weight_layout){ .head_dim = p == PROJ_QKV ? (size_t)s->head_dim : 0,
		.gated = p == PROJ_UP && s->gated };
}

size_t proj_widest(const struct shape *s)
{
	size_t most = 0;

	for (int p = 0; p < PROJ_COUNT; p++)
		most = proj_out(s, (enum projection)p) > most ? proj_out(s, (enum projection)p)
							      : most;
	return most;
}

static const struct {
	enum role role;
	enum projection on;
} sites[LORA_COUNT] = {
	[LORA_GATE] = { ROLE_GATE, PROJ_UP },
	[LORA_UP] = { ROLE_UP, PROJ_UP },
	[LORA_DOWN] = { ROLE_DOWN, PROJ_DOWN },
	[LORA_OUT] = { ROLE_O, PROJ_O },
	[LORA_QKV] = { ROLE_Q, PROJ_QKV },
};

struct lora_shape lora_shape(const struct shape *s, int site)
{
	enum role role = sites[site].role;
	enum projection on = sites[site].on;

	return (struct lora_shape){ .role = role,
		.on = on,
		.part = site == LORA_UP && s->gated,
		.out = site == LORA_QKV ? proj_out(s, on) : role_rows(s, role),
		.in = role_cols(s, role) };
}
