/* emu - runs kernels on the processor: a block's threads as fibers, its shared memory, barriers,
 * copies under way
 *
 * A warp's lanes run one after the other until each waits or is done; what they wait for together
 * is then done for all of them at once, in one function that sees every lane's arguments, which lie
 * on the lanes' stacks. Warps go on like that until all wait at the block's barrier. Fibers are
 * kept from block to block: each runs one thread after the other.
 */
#include "cuda/cuda.h"

#include "sys/die.h"
#include "sys/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#else
#define __asan_poison_memory_region(p, n) ((void)(p), (void)(n))
#define __asan_unpoison_memory_region(p, n) ((void)(p), (void)(n))
#endif

enum {
	LANES = EMU_LANES,
	MOST_THREADS = 1024,
	STACK = 256 << 10,
	PAGE = 4096,
	/* of a block: what CUDA allows, static and all */
	STATIC_MOST = 48 << 10,
	SHARED_MOST = 227 << 10,
	GUARD = 64,
	ARENA = SHARED_MOST + 64 * GUARD,
	ARRAYS = 32,
	COPIES = 256,
};

enum state { READY, AT_BARRIER, IN_WARP, DONE };

struct copy {
	void *to;
	const void *from;
	int valid, group;
};

struct fiber {
	void *sp; /* where it goes on */
	char *stack;
	void *fake; /* the sanitizer's */
	uint3 index;
	int lane;
	enum state state;
	const char *where; /* the barrier that it waits at */
	/* what it waits for with its warp, as emu_warp */
	void (*all)(void *const[LANES], unsigned);
	unsigned mask;
	void *arg;
	struct copy *copy; /* under way */
	int copies, group;
};

struct array {
	const void *key;
	size_t at, bytes;
};

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

static struct fiber fibers[MOST_THREADS];
static struct fiber *running;
static void *scheduler_sp;
#if defined(__SANITIZE_ADDRESS__)
static void *scheduler_fake;
static const void *scheduler_stack;
static size_t scheduler_size;
#endif

static struct {
	const char *what;
	void (*body)(void *);
	void *call;
	int threads, order;
	unsigned round;             /* of order 2, another one in every round */
	struct array array[ARRAYS]; /* static shared memory, in the order it was met */
	int arrays;
	size_t used, dynamic, dynamic_at;
} now;

static unsigned char *arena; /* shared memory: arrays with guards behind each */

void emu_die(const char *why)
{
	fprintf(stderr, "emulation: %s: block %u,%u,%u", now.what ? now.what : "no kernel",
		blockIdx.x, blockIdx.y, blockIdx.z);
	if (running)
		fprintf(stderr, " thread %u,%u,%u", running->index.x, running->index.y,
			running->index.z);
	fprintf(stderr, ": %s\n", why);
	abort();
}

/* -- fibers ------------------------------------------------------------------------------------ */

extern "C" void emu_switch(void **save, void *to);
asm(".text\n"
    ".globl emu_switch\n"
    ".type emu_switch,@function\n"
    "emu_switch:\n"
    "	pushq %rbp\n	pushq %rbx\n	pushq %r12\n	pushq %r13\n	pushq %r14\n	pushq "
    "%r15\n"
    "	movq %rsp, (%rdi)\n"
    "	movq %rsi, %rsp\n"
    "	popq %r15\n	popq %r14\n	popq %r13\n	popq %r12\n	popq %rbx\n	popq %rbp\n"
    "	ret\n"
    ".size emu_switch, .-emu_switch\n");

static void resume(struct fiber *f)
{
	running = f;
	threadIdx = f->index;
#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_start_switch_fiber(&scheduler_fake, f->stack, STACK);
#endif
	emu_switch(&scheduler_sp, f->sp);
#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_finish_switch_fiber(scheduler_fake, NULL, NULL);
#endif
	running = NULL;
}

/* Back to the scheduler, until it resumes this fiber. */
static void wait_as(enum state s)
{
	struct fiber *f = running;

	f->state = s;
#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_start_switch_fiber(&f->fake, scheduler_stack, scheduler_size);
#endif
	emu_switch(&f->sp, scheduler_sp);
#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_finish_switch_fiber(f->fake, &scheduler_stack, &scheduler_size);
#endif
}

static void fiber_main(void)
{
#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_finish_switch_fiber(NULL, &scheduler_stack, &scheduler_size);
#endif
	for (;;) {
		now.body(now.call);
		wait_as(DONE);
	}
}

static void fiber_make(struct fiber *f, int thread)
{
	char *m = (char *)mmap(NULL, STACK + PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	void **top;

	if (m == MAP_FAILED || mprotect(m, PAGE, PROT_NONE))
		die("emulation: no memory for a thread");
	f->stack = m + PAGE;
	f->lane = thread % LANES;
	f->copy = (struct copy *)xcalloc(COPIES, sizeof *f->copy);
	top = (void **)(f->stack + STACK);
	*--top = NULL; /* keeps the stack aligned as after a call */
	*--top = (void *)fiber_main;
	for (int i = 0; i < 6; i++)
		*--top = NULL;
	f->sp = top;
}

/* -- shared memory ----------------------------------------------------------------------------- */

static void guard_set(size_t at)
{
	memset(arena + at, EMU_NAN, GUARD);
	__asan_poison_memory_region(arena + at, GUARD);
}

static void guard_check(size_t at)
{
	__asan_unpoison_memory_region(arena + at, GUARD);
	for (size_t i = 0; i < GUARD; i++)
		if (arena[at + i] != EMU_NAN)
			emu_die("something was written behind an array in shared memory");
	__asan_poison_memory_region(arena + at, GUARD);
}

/* An array of shared memory behind the last guard, and a guard behind it. */
static size_t arena_take(size_t bytes)
{
	size_t at = round_up(now.used + GUARD, GUARD);

	if (at + bytes + GUARD > ARENA)
		emu_die("too much shared memory");
	__asan_unpoison_memory_region(arena + now.used + GUARD, at + bytes - now.used - GUARD);
	memset(arena + at, EMU_NAN, bytes);
	now.used = at + bytes;
	guard_set(now.used);
	return at;
}

static void arena_begin(size_t dynamic)
{
	if (!arena && !(arena = (unsigned char *)aligned_alloc(GUARD, round_up(ARENA, GUARD))))
		die("emulation: no memory");
	__asan_unpoison_memory_region(arena, ARENA);
	guard_set(0);
	now.arrays = 0;
	now.used = 0;
	now.dynamic = dynamic;
	now.dynamic_at = arena_take(dynamic);
}

/* What a block left is gone before the next one. */
static void arena_again(void)
{
	memset(arena + now.dynamic_at, EMU_NAN, now.dynamic);
	for (int i = 0; i < now.arrays; i++)
		memset(arena + now.array[i].at, EMU_NAN, now.array[i].bytes);
}

static void arena_check(void)
{
	guard_check(0);
	guard_check(now.dynamic_at + now.dynamic);
	for (int i = 0; i < now.arrays; i++)
		guard_check(now.array[i].at + now.array[i].bytes);
}

void *emu_shared(const void *key, size_t bytes)
{
	size_t sum = 0;
	struct array *a;

	for (int i = 0; i < now.arrays; i++) {
		if (now.array[i].key == key)
			return arena + now.array[i].at;
		sum += round_up(now.array[i].bytes, 16);
	}
	if (now.arrays == ARRAYS || sum + bytes > STATIC_MOST ||
		sum + bytes + now.dynamic > SHARED_MOST)
		emu_die("too much shared memory");
	a = &now.array[now.arrays++];
	a->key = key;
	a->bytes = bytes;
	a->at = arena_take(bytes);
	return arena + a->at;
}

void *emu_dynamic_shared(void)
{
	return arena + now.dynamic_at;
}

void emu_must_be_shared(const void *p, size_t bytes)
{
	const unsigned char *c = (const unsigned char *)p;

	if (c < arena || c + bytes > arena + now.used)
		emu_die("an address is not in shared memory");
	if ((uintptr_t)p % 16)
		emu_die("an address is not aligned to 16 bytes");
}

/* -- order ------------------------------------------------------------------------------------- */

static unsigned gcd(unsigned a, unsigned b)
{
	return b ? gcd(b, a % b) : a;
}

/* How n things are gone through. */
struct order {
	unsigned n, step, round;
};

static struct order order_of(unsigned n, unsigned round)
{
	struct order o = { n, n * 5 / 8, round % n };

	while (o.step > 1 && gcd(o.step, n) != 1)
		o.step--;
	o.step = o.step ? o.step : 1;
	return o;
}

/* The k-th of them: a permutation. */
static unsigned in_order(unsigned k, const struct order *o)
{
	if (now.order == 1)
		return o->n - 1 - k;
	return now.order == 2 ? (unsigned)(((uint64_t)k * o->step + o->round) % o->n) : k;
}

/* -- a block ----------------------------------------------------------------------------------- */

/* Does what the lanes that wait with f wait for, if they all are there. */
static int warp_release(struct fiber *warp, int lanes, const struct fiber *f)
{
	void *arg[LANES] = { 0 };
	unsigned mask = 0;

	for (int i = 0; i < lanes; i++) {
		if (!(f->mask >> i & 1) || warp[i].state == DONE)
			continue;
		if (warp[i].state != IN_WARP || warp[i].all != f->all || warp[i].mask != f->mask)
			return 0;
		mask |= 1u << i;
		arg[i] = warp[i].arg;
	}
	f->all(arg, mask);
	for (int i = 0; i < lanes; i++)
		if (mask >> i & 1)
			warp[i].state = READY;
	return 1;
}

/* Until all its lanes are done or at the block's barrier. */
static void warp_run(struct fiber *warp, int lanes)
{
	int waiting, released;

	do {
		struct order o = order_of((unsigned)lanes, now.round++);

		waiting = released = 0;
		for (int k = 0; k < lanes; k++) {
			struct fiber *f = &warp[in_order((unsigned)k, &o)];

			if (f->state == READY)
				resume(f);
		}
		for (int i = 0; i < lanes; i++) {
			if (warp[i].state != IN_WARP)
				continue;
			waiting = 1;
			running = &warp[i];
			released |= warp_release(warp, lanes, &warp[i]);
			running = NULL;
		}
		if (waiting && !released)
			emu_die("lanes of a warp wait for different things");
	} while (waiting);
}

/* 1: all threads have come to one barrier and go on; 0: all are done. */
static int barrier_release(void)
{
	int done = 0;

	for (int i = 0; i < now.threads; i++)
		done += fibers[i].state == DONE;
	if (done == now.threads)
		return 0;
	for (int i = 0; i < now.threads; i++) {
		running = &fibers[i];
		if (done)
			emu_die("some threads wait at a barrier and others are done");
		if (fibers[i].where != fibers[0].where && strcmp(fibers[i].where, fibers[0].where))
			emu_die("threads wait at different barriers");
		fibers[i].state = READY;
	}
	running = NULL;
	return 1;
}

static void block_run(void)
{
	unsigned warps = (unsigned)(now.threads + LANES - 1) / LANES;

	for (int i = 0; i < now.threads; i++) {
		struct fiber *f = &fibers[i];
		unsigned t = (unsigned)i;

		if (!f->stack)
			fiber_make(f, i);
		f->index = { t % blockDim.x, t / blockDim.x % blockDim.y,
			t / (blockDim.x * blockDim.y) };
		f->state = READY;
		f->copies = f->group = 0;
	}
	do {
		struct order o = order_of(warps, now.round);

		for (unsigned k = 0; k < warps; k++) {
			int first = (int)in_order(k, &o) * LANES;

			warp_run(fibers + first,
				now.threads - first < LANES ? now.threads - first : LANES);
		}
	} while (barrier_release());
}

static void launch_begin(const char *what, dim3 grid, dim3 block, size_t shared)
{
	const char *order = getenv("COPPICE_EMU_ORDER");
	uint64_t threads = (uint64_t)block.x * block.y * block.z;

	now.what = what;
	now.order = order ? atoi(order) : 0;
	if (!threads || threads > MOST_THREADS || block.z > 64)
		emu_die("a block of so many threads");
	if (!grid.x || grid.y > 65535 || grid.z > 65535 || grid.x > INT32_MAX)
		emu_die("a grid of so many blocks");
	if (shared > SHARED_MOST)
		emu_die("too much shared memory");
	now.threads = (int)threads;
	blockDim = block;
	gridDim = grid;
	arena_begin(shared);
}

void emu_launch(const char *what, dim3 grid, dim3 block, size_t shared, void (*body)(void *),
	void *call)
{
	uint64_t blocks = (uint64_t)grid.x * grid.y * grid.z;
	struct order o;

	if (!blocks)
		return;
	launch_begin(what, grid, block, shared);
	now.body = body;
	now.call = call;
	o = order_of((unsigned)blocks, now.round);
	for (unsigned k = 0; k < blocks; k++) {
		unsigned b = in_order(k, &o);

		blockIdx = { b % grid.x, b / grid.x % grid.y, b / (grid.x * grid.y) };
		if (k)
			arena_again();
		block_run();
		arena_check();
	}
	now.what = NULL;
}

void emu_barrier(const char *where)
{
	running->where = where;
	wait_as(AT_BARRIER);
}

/* -- waiting for the warp ---------------------------------------------------------------------- */

int emu_lane(void)
{
	return running->lane;
}

void emu_warp(unsigned mask, void (*all)(void *const arg[32], unsigned mask), void *arg)
{
	if (!(mask >> running->lane & 1))
		emu_die("a lane that is not in its mask");
	running->all = all;
	running->mask = mask;
	running->arg = arg;
	wait_as(IN_WARP);
}

/* -- copies ------------------------------------------------------------------------------------ */

void copy_async16(void *shared, const void *global, int valid)
{
	emu_must_be_shared(shared, 16);
	if (valid && (uintptr_t)global % 16)
		emu_die("an address is not aligned to 16 bytes");
	if (running->copies == COPIES)
		emu_die("too many copies under way");
	memset(shared, EMU_NAN, 16);
	running->copy[running->copies++] = { shared, global, valid, running->group };
}

void copy_async_commit(void)
{
	running->group++;
}

void emu_copy_wait(int groups)
{
	struct fiber *f = running;
	int left = 0;

	for (int i = 0; i < f->copies; i++) {
		const struct copy *c = &f->copy[i];

		if (c->group >= f->group - groups)
			f->copy[left++] = *c;
		else if (c->valid)
			memcpy(c->to, c->from, 16);
		else
			memset(c->to, 0, 16);
	}
	f->copies = left;
}
