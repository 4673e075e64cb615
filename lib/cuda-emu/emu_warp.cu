/* emu_warp - what a warp does together, in the emulation: exchanges, votes, tensor cores, ldmatrix
 *
 * Each is a function that sees all lanes' arguments at once; emu_warp calls it when the last lane
 * has come.
 */
#include "cuda/cuda.h"

static void nothing(void *const arg[EMU_LANES], unsigned mask)
{
	(void)arg;
	(void)mask;
}

void __syncwarp(unsigned mask)
{
	emu_warp(mask, nothing, NULL);
}

struct exchange {
	uint64_t value, result;
	int from;
};

static void exchange_all(void *const arg[EMU_LANES], unsigned mask)
{
	for (int i = 0; i < EMU_LANES; i++) {
		struct exchange *e = (struct exchange *)arg[i];

		if (!e)
			continue;
		if (!(mask >> e->from & 1))
			emu_die("a lane takes from one that is absent");
		e->result = ((struct exchange *)arg[e->from])->value;
	}
}

uint64_t emu_exchange_bits(unsigned mask, uint64_t value, int from)
{
	struct exchange e = { value, 0, from & 31 };

	emu_warp(mask, exchange_all, &e);
	return e.result;
}

struct vote {
	int yes;
	unsigned result, mask;
};

static void vote_all(void *const arg[EMU_LANES], unsigned mask)
{
	unsigned votes = 0;

	for (int i = 0; i < EMU_LANES; i++)
		if (arg[i] && ((struct vote *)arg[i])->yes)
			votes |= 1u << i;
	for (int i = 0; i < EMU_LANES; i++)
		if (arg[i]) {
			((struct vote *)arg[i])->result = votes;
			((struct vote *)arg[i])->mask = mask;
		}
}

unsigned __ballot_sync(unsigned mask, int yes)
{
	struct vote v = { yes, 0, 0 };

	emu_warp(mask, vote_all, &v);
	return v.result;
}

int __all_sync(unsigned mask, int yes)
{
	struct vote v = { yes, 0, 0 };

	emu_warp(mask, vote_all, &v);
	return v.result == v.mask;
}

static void must_be_whole(unsigned mask)
{
	if (mask != 0xffffffffu)
		emu_die("not all lanes take part");
}

struct mma {
	float *d;
	const uint32_t *a, *b;
};
typedef float row8 __attribute__((vector_size(32)));

static float half_of(uint32_t w, int high)
{
	return bf16_up((uint16_t)(high ? w >> 16 : w));
}

static void mma_all(void *const arg[EMU_LANES], unsigned mask)
{
	float a[16][16];
	row8 b[16], d[16];

	must_be_whole(mask);
	for (int lane = 0; lane < EMU_LANES; lane++) {
		const struct mma *m = (const struct mma *)arg[lane];
		int g = lane / 4, t = lane % 4;

		/* register i / 2: rows g and g + 8, then columns 8 on */
		for (int i = 0; i < 8; i++)
			a[g + i / 2 % 2 * 8][2 * t + i / 4 * 8 + i % 2] = half_of(m->a[i / 2],
				i % 2);
		for (int i = 0; i < 4; i++)
			b[2 * t + i / 2 * 8 + i % 2][g] = half_of(m->b[i / 2], i % 2);
		for (int i = 0; i < 4; i++)
			d[g + i / 2 * 8][2 * t + i % 2] = m->d[i];
	}
	for (int i = 0; i < 16; i++)
		for (int k = 0; k < 16; k++)
			d[i] += a[i][k] * b[k];
	for (int lane = 0; lane < EMU_LANES; lane++)
		for (int i = 0; i < 4; i++)
			((const struct mma *)arg[lane])
				->d[i] = d[lane / 4 + i / 2 * 8][2 * (lane % 4) + i % 2];
}

void mma_bf16(float d[4], const uint32_t a[4], const uint32_t b[2])
{
	struct mma m = { d, a, b };

	emu_warp(0xffffffffu, mma_all, &m);
}

struct ldmatrix {
	uint32_t *r;
	const void *row;
	int n, transposed;
};

static void ldmatrix_all(void *const arg[EMU_LANES], unsigned mask)
{
	const struct ldmatrix *first = (const struct ldmatrix *)arg[0];

	must_be_whole(mask);
	for (int matrix = 0; matrix < first->n; matrix++) {
		uint16_t m[8][8];

		for (int i = 0; i < 8; i++) {
			const struct ldmatrix *l = (const struct ldmatrix *)arg[8 * matrix + i];

			emu_must_be_shared(l->row, 16);
			memcpy(m[i], l->row, 16);
		}
		for (int lane = 0; lane < EMU_LANES; lane++) {
			int i = lane / 4, j = lane % 4 * 2;

			((const struct ldmatrix *)arg[lane])->r[matrix] = first->transposed
				? m[j][i] | (uint32_t)m[j + 1][i] << 16
				: m[i][j] | (uint32_t)m[i][j + 1] << 16;
		}
	}
}

void emu_ldmatrix(uint32_t *r, const void *row, int n, int transposed)
{
	struct ldmatrix l = { r, row, n, transposed };

	emu_warp(0xffffffffu, ldmatrix_all, &l);
}
