/* Samples: a run that was killed and goes on leaves the bytes of a run that was not; what a cut or
 * a damage at any byte leaves is whole records in order; another run's part is not taken over */
#include "stream/mp.h"
#include "stream/samples.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { N = 40 };
static char folder[] = "/tmp/samples-XXXXXX";
static json_t *args, *meta;

static char *in_folder(const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

static unsigned char *slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	unsigned char *bytes = malloc(1 << 20);

	assert_non_null(f);
	*n = fread(bytes, 1, 1 << 20, f);
	fclose(f);
	return bytes;
}

static void spill(const char *path, const unsigned char *bytes, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

static void put(struct samples *s, int i)
{
	float logp[4] = { -(float)i, -1.5f, -2e-9f * (float)i, -3 };
	struct sample x = { "mmlu", i % 3 ? "anatomy" : "knots", (uint64_t)i, (uint64_t)i % 2, logp,
		4, i % 4, (i + 1) % 4, i % 2, (size_t)i, "a prompt", 8 };

	samples_put(s, &x);
}

/* Goes on where FILE.part is, up to sample `to`; returns how many were known. */
static int run(const char *path, int to, int and_close)
{
	struct samples *s = samples_open(path, NULL, args, meta);
	struct sample x;
	int known = 0;

	while (samples_known(s, &x)) {
		assert_int_equal(x.row, known);
		assert_true(x.logp[0] == -(float)known && x.n_logp == 4 &&
			x.choice == (known + 1) % 4);
		known++;
		samples_put(s, &x);
	}
	for (int i = known; i < to; i++)
		put(s, i);
	if (and_close) {
		samples_close(s);
		out_publish();
	}
	return known;
}

/* The same in a process of its own, which the kernel frees of its locks; -1: it died. */
static int go_on(const char *path, int to, int and_close)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(run(path, to, and_close) + 2);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) < 2 ? -1 : WEXITSTATUS(status) - 2;
}

static void uninterrupted(void **state)
{
	char *path = in_folder("whole"), *part = in_folder("whole.part"),
	     *fresh = in_folder("whole.part.new");

	(void)state;
	assert_int_equal(go_on(path, N, 1), 0);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(access(part, F_OK), -1);
	assert_int_equal(access(fresh, F_OK), -1);
	free(path);
	free(part);
	free(fresh);
}

/* The bytes of a run that was not interrupted. */
static void assert_whole(const char *path)
{
	char *whole = in_folder("whole"), *part = xasprintf("%s.part", path);
	size_t n, n_want;
	unsigned char *bytes = slurp(path, &n), *want = slurp(whole, &n_want);

	assert_int_equal(n, n_want);
	assert_memory_equal(bytes, want, n);
	assert_int_equal(access(part, F_OK), -1);
	free(bytes);
	free(want);
	free(whole);
	free(part);
}

static void goes_on(void **state)
{
	char *path = in_folder("killed"), *part = in_folder("killed.part");
	unsigned char *bytes;
	size_t n;

	(void)state;
	go_on(path, 17, 0); /* left open: killed */
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(go_on(path, 31, 0), 17);
	bytes = slurp(part, &n);
	spill(part, bytes, n - 3); /* killed within a write */
	free(bytes);
	assert_int_equal(go_on(path, 35, 0), 30);
	assert_int_equal(go_on(path, N, 1), 35);
	assert_whole(path);
	free(path);
	free(part);
}

/* A second run while the first is at work. */
static void two_at_once(void **state)
{
	char *path = in_folder("two");
	int ready[2], status;
	pid_t first;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	first = fork();
	if (first == 0) {
		run(path, 9, 0);
		assert_int_equal(write(ready[1], "x", 1), 1);
		pause();
	}
	assert_int_equal(read(ready[0], &status, 1), 1);
	assert_int_equal(go_on(path, N, 1), -1); /* says so */
	kill(first, SIGKILL);
	assert_int_equal(waitpid(first, &status, 0), first);
	assert_int_equal(go_on(path, N, 1), 9);
	assert_whole(path);
	free(path);
}

/* What stands in the way is left as it is. */
static void not_ours(void **state)
{
	static const unsigned char text[] = "a text of someone's";
	char *path = in_folder("mine"), *part = in_folder("mine.part");
	unsigned char *bytes;
	size_t n;

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *name = i ? part : path;

		spill(name, text, sizeof text);
		assert_int_equal(go_on(path, N, 1), -1);
		bytes = slurp(name, &n);
		assert_int_equal(n, sizeof text);
		assert_memory_equal(bytes, text, n);
		free(bytes);
		unlink(name);
	}
	free(path);
	free(part);
}

static void another_run(void **state)
{
	char *path = in_folder("other");

	(void)state;
	go_on(path, 5, 0);
	json_object_set_new(meta, "questions", json_string("0123"));
	assert_int_equal(go_on(path, 6, 0), 0);
	json_object_set_new(args, "shots", json_integer(3));
	assert_int_equal(go_on(path, 7, 0), 0);
	assert_int_equal(go_on(path, 8, 1), 7);
	json_object_del(meta, "questions");
	json_object_del(args, "shots");
	free(path);
}

static size_t count_objects(const unsigned char *bytes, size_t n)
{
	size_t count = 0, at = 0;
	const char *why;
	long len;

	for (; at < n; at += (size_t)len, count++) {
		len = mp_check(bytes + at, n - at, &why);
		assert_true(len > 0);
	}
	return count;
}

static void cut_anywhere(void **state)
{
	char *path = in_folder("cut"), *part = in_folder("cut.part");
	unsigned char *bytes, *got;
	size_t n, n_got, used, last = 0;

	(void)state;
	go_on(path, N, 0);
	bytes = slurp(part, &n);
	for (size_t cut = 0; cut <= n; cut++) {
		got = samples_repair(bytes, cut, &n_got, &used);
		assert_true(used <= cut);
		if (n_got > 0) {
			size_t count = count_objects(got, n_got); /* header, records, end */

			assert_true(count >= 2 && count >= last && count <= N + 2);
			last = count;
		}
		free(got);
	}
	assert_int_equal(last, N + 2);
	free(bytes);
	free(path);
	free(part);
}

/* A flipped bit costs the record that it is in and those behind it, and changes none. */
static void flipped_anywhere(void **state)
{
	char *path = in_folder("flip"), *part = in_folder("flip.part");
	unsigned char *bytes, *want, *got;
	size_t n, n_want, n_got, used;

	(void)state;
	go_on(path, 6, 0);
	bytes = slurp(part, &n);
	want = samples_repair(bytes, n, &n_want, &used);
	assert_int_equal(used, n);
	for (size_t i = 0; i < n; i++) {
		size_t end;

		bytes[i] ^= 1 << i % 8;
		got = samples_repair(bytes, n, &n_got, &used);
		end = n_got ? n_got - 29 : 0; /* before its end record */
		assert_true(used <= n);
		assert_true(end <= n_want && memcmp(got, want, end) == 0);
		free(got);
		bytes[i] ^= 1 << i % 8;
	}
	free(want);
	free(bytes);
	free(path);
	free(part);
}

/* The whole way round: a run that finds a damaged journal ends as any other. */
static void goes_on_damaged(void **state)
{
	char *path = in_folder("hurt"), *part = in_folder("hurt.part");
	unsigned char *bytes;
	size_t n;

	(void)state;
	go_on(path, 20, 0);
	bytes = slurp(part, &n);
	for (size_t i = 0; i < n; i += 1 + n / 60) {
		int known;

		bytes[i] ^= 1 << i % 8;
		spill(part, bytes, n);
		bytes[i] ^= 1 << i % 8;
		known = go_on(path, N, 1);
		assert_true(known >= 0 && known <= 20);
		assert_whole(path);
		unlink(path);
	}
	free(bytes);
	free(path);
	free(part);
}

static int set_up(void **state)
{
	(void)state;
	args = json_object();
	meta = json_object();
	json_object_set_new(meta, "task", json_string("mmlu"));
	program_set_voice(1, 0);
	return mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
	char *command = xasprintf("rm -r %s", folder);
	int r = system(command);

	(void)state;
	free(command);
	json_decref(args);
	json_decref(meta);
	return r;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uninterrupted),
		cmocka_unit_test(goes_on),
		cmocka_unit_test(another_run),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(flipped_anywhere),
		cmocka_unit_test(goes_on_damaged),
		cmocka_unit_test(two_at_once),
		cmocka_unit_test(not_ours),
	};
	return cmocka_run_group_tests_name("samples", tests, set_up, tear_down);
}
