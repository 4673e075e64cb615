/* driver - a fuzz target without libFuzzer: inputs made from a corpus, the same each time
 *
 * TARGET [-n RUNS] [-s SEED] [-t SECONDS] FILE ...
 *
 * Each file as it is, then RUNS inputs that are one of them changed in a few places, each of a
 * number of its own. They run in a child, in memory that ends at a page which may not be touched.
 * An input on which it ends, or needs more than some seconds, is left in ./crash-TARGET-NUMBER, and
 * the status is 1; TARGET FILE runs it again.
 */
#include "fuzz.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { INPUT_MAX = 1 << 16, PAGE = 1 << 16, BATCH = 512, HANG_SECONDS = 10 };
#define ROOM ((rlim_t)2 << 30)

struct input {
	uint8_t *bytes;
	size_t n;
};

/* What the child is at, for the parent. */
struct progress {
	uint64_t number;
	size_t n;
	uint8_t bytes[INPUT_MAX];
};

static struct input *corpus;
static size_t n_corpus;
static struct progress *at;
static uint8_t *guarded; /* its last byte is the last that may be read */

/* -- random numbers: splitmix64 ---------------------------------------------------------------- */

static uint64_t state;

static uint64_t word(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static size_t below(size_t n)
{
	return n ? (size_t)(word() % n) : 0;
}

/* -- changes ----------------------------------------------------------------------------------- */

static void flip_bit(struct input *in)
{
	if (in->n)
		in->bytes[below(in->n)] ^= (uint8_t)(1 << below(8));
}

static void set_byte(struct input *in)
{
	static const uint8_t values[] =
		"\0\1\x7f\x80\xff\"'{}[]:,\\0123456789-+.eE \n\r\t<>()*?|^$\xc0\xe2\xf0\xf5";

	if (in->n)
		in->bytes[below(in->n)] = values[below(sizeof values - 1)];
}

/* Four or eight bytes of an odd number, as the binary formats write counts and offsets. */
static void set_number(struct input *in)
{
	static const uint64_t odd[] = { 0, 1, 31, 32, 33, 0x7fffffff, 0x80000000, 0xffffffff,
		(uint64_t)1 << 32, (uint64_t)1 << 60, INT64_MAX, UINT64_MAX, UINT64_MAX - 31 };
	uint64_t v = below(4) ? odd[below(sizeof odd / sizeof *odd)] : word() >> below(64);
	size_t width = (size_t)1 << below(4);

	if (in->n >= width)
		memcpy(in->bytes + below(in->n - width + 1), &v, width);
}

static void cut_out(struct input *in)
{
	size_t from = below(in->n), n = 1 + below(below(4) ? 8 : in->n);

	if (from + n > in->n)
		n = in->n - from;
	memmove(in->bytes + from, in->bytes + from + n, in->n - from - n);
	in->n -= n;
}

/* Puts bytes in, or as many as there is room for. */
static void put_in(struct input *in, size_t where, const uint8_t *bytes, size_t n)
{
	if (n > INPUT_MAX - in->n)
		n = INPUT_MAX - in->n;
	memmove(in->bytes + where + n, in->bytes + where, in->n - where);
	memcpy(in->bytes + where, bytes, n);
	in->n += n;
}

/* A piece of one of the corpus, which may be the same. */
static void put_piece(struct input *in)
{
	const struct input *from = &corpus[below(n_corpus)];
	size_t start = below(from->n), n = 1 + below(below(4) ? 32 : from->n);

	if (from->n)
		put_in(in, below(in->n + 1), from->bytes + start,
			n < from->n - start ? n : from->n - start);
}

static void put_word(struct input *in)
{
	static const char *const words[] = { "null", "true", "false", "-1", "1e999", "0.5", "{}",
		"[]", "\"\"", "\\u0000", "\\ud800", "18446744073709551616", "\xef\xbb\xbf",
		"\xe2\x96\x81", "\xcc\x81", "\xef\xbf\xbd" };
	const char *w = words[below(sizeof words / sizeof *words)];

	put_in(in, below(in->n + 1), (const uint8_t *)w, strlen(w));
}

static void repeat(struct input *in)
{
	uint8_t piece[64];
	size_t start = below(in->n), n = 1 + below(sizeof piece),
	       times = 1 + below(below(8) ? 4 : 200);

	n = n < in->n - start ? n : in->n - start;
	memcpy(piece, in->bytes + start, n);
	while (times--)
		put_in(in, start, piece, n);
}

static void change(struct input *in)
{
	static void (*const changes[])(struct input *) = { flip_bit, flip_bit, set_byte, set_byte,
		set_number, set_number, cut_out, put_piece, put_word, repeat };

	for (size_t i = 1 + below(below(2) ? 2 : 8); i; i--)
		changes[below(sizeof changes / sizeof *changes)](in);
}

/* Input NUMBER of a seed: those of the corpus first, as they are. */
static void make(struct input *in, uint64_t seed, uint64_t number)
{
	const struct input *from;

	state = seed * 0xd6e8feb86659fd93u + number;
	from = &corpus[number < n_corpus ? number : below(n_corpus)];
	memcpy(in->bytes, from->bytes, from->n);
	in->n = from->n;
	if (number >= n_corpus)
		change(in);
}

/* -- running ----------------------------------------------------------------------------------- */

static void run_one(const uint8_t *bytes, size_t n)
{
	uint8_t *p = guarded - n;

	memcpy(p, bytes, n);
	alarm(HANG_SECONDS);
	LLVMFuzzerTestOneInput(p, n);
	alarm(0);
}

/* In the child: inputs from up to `to`. */
static _Noreturn void run_batch(uint64_t seed, uint64_t from, uint64_t to)
{
	struct input in = { at->bytes, 0 };

#ifndef __SANITIZE_ADDRESS__ /* which reserves terabytes */
	setrlimit(RLIMIT_AS, &(struct rlimit){ ROOM, ROOM });
#endif
	for (at->number = from; at->number < to; at->number++) {
		make(&in, seed, at->number);
		at->n = in.n;
		run_one(in.bytes, in.n);
	}
	_exit(0);
}

static void keep(const char *target, int status)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof path, "crash-%s-%llu", target, (unsigned long long)at->number);
	if (!(f = fopen(path, "w")) || fwrite(at->bytes, 1, at->n, f) != at->n || fclose(f))
		perror(path);
	if (WIFSIGNALED(status))
		printf("%s: input %llu: %s, kept as %s\n", target, (unsigned long long)at->number,
			WTERMSIG(status) == SIGALRM ? "takes too long"
						    : strsignal(WTERMSIG(status)),
			path);
	else
		printf("%s: input %llu: exit status %d, kept as %s\n", target,
			(unsigned long long)at->number, WEXITSTATUS(status), path);
}

/* 0, or -1: an input failed. */
static int batch(const char *target, uint64_t seed, uint64_t from, uint64_t to)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		run_batch(seed, from, to);
	if (child < 0 || waitpid(child, &status, 0) != child) {
		perror("fork");
		exit(2);
	}
	if (status == 0)
		return 0;
	keep(target, status);
	return -1;
}

/* -- setting up -------------------------------------------------------------------------------- */

static void read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct input in = { malloc(INPUT_MAX), 0 };

	if (!f || !in.bytes || !corpus) {
		perror(path);
		exit(2);
	}
	in.n = fread(in.bytes, 1, INPUT_MAX, f);
	fclose(f);
	corpus[n_corpus++] = in;
}

static void set_up(void)
{
	uint8_t *p = mmap(NULL, INPUT_MAX + PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	at = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || at == MAP_FAILED || mprotect(p + INPUT_MAX, PAGE, PROT_NONE)) {
		perror("mmap");
		exit(2);
	}
	guarded = p + INPUT_MAX;
}

int main(int argc, char *argv[])
{
	const char *target = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	uint64_t runs = 0, seed = 1, done = 0;
	time_t end = 0;
	int c, bad = 0;

	while ((c = getopt(argc, argv, "n:s:t:")) != -1) {
		if (c == 'n')
			runs = strtoull(optarg, NULL, 10);
		else if (c == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (c == 't')
			end = time(NULL) + atoi(optarg);
		else
			return 2;
	}
	if (optind == argc)
		return fprintf(stderr, "%s: no files\n", target), 2;
	corpus = calloc((size_t)(argc - optind), sizeof *corpus);
	for (char **path = argv + optind; *path; path++)
		read_file(*path);
	set_up();
	for (runs += n_corpus; !bad && (done < runs || time(NULL) < end); done += BATCH)
		bad = batch(target, seed, done, end || done + BATCH < runs ? done + BATCH : runs);
	return bad ? 1 : 0;
}
