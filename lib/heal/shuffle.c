/* shuffle - in which order the sequences are trained on; see shuffle.h
 */
#include "heal/shuffle.h"

#include "philox.h"

enum { ROUNDS = 8 };
static const uint32_t OURS = UINT32_MAX; /* no dropout mask and no adapter has this counter */

/* The key of one epoch's permutation. */
static void epoch_key(uint32_t key[2], uint64_t seed, uint64_t epoch)
{
	const uint32_t of_seed[2] = { (uint32_t)seed, (uint32_t)(seed >> 32) },
		       counter[4] = { (uint32_t)epoch, (uint32_t)(epoch >> 32), OURS, OURS };
	uint32_t word[4];

	philox(word, counter, of_seed);
	key[0] = word[0];
	key[1] = word[1];
}

/* A Feistel network permutes the numbers of 2 * bits bits. */
static uint64_t network(uint64_t x, int bits, const uint32_t key[2])
{
	const uint32_t mask = (uint32_t)((UINT64_C(1) << bits) - 1);
	uint32_t left = (uint32_t)(x >> bits), right = (uint32_t)x & mask;

	for (uint32_t r = 0; r < ROUNDS; r++) {
		const uint32_t counter[4] = { right, r, OURS, OURS };
		uint32_t word[4], was = left;

		philox(word, counter, key);
		left = right;
		right = was ^ (word[0] & mask);
	}
	return (uint64_t)left << bits | right;
}

/* A number that leaves 0 .. n - 1 goes through again until it is back: the cycle that it is on
 * began there. */
static uint64_t permuted(uint64_t x, uint64_t n, const uint32_t key[2])
{
	int bits = 1;

	while (bits < 32 && n > UINT64_C(1) << 2 * bits)
		bits++;
	do
		x = network(x, bits, key);
	while (x >= n);
	return x;
}

uint64_t shuffle_at(const struct shuffle *o, uint64_t n, uint64_t place)
{
	uint32_t key[2];

	if (!o->on)
		return place % n;
	epoch_key(key, o->seed, place / n);
	return permuted(place % n, n, key);
}
