/* source - see source.h
 */
#include "file/source.h"

#include "file/input.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

struct source {
	char *const *next; /* files to come */
	int stdin_next;    /* none was named */
	int mixed;
	const char *name;
	struct input *in;    /* NULL: no file is open */
	uint64_t bytes_read; /* of the files before this one */
};

struct source *source_open(char *const *files, int mixed)
{
	struct source *s = xcalloc(1, sizeof *s);

	s->next = files;
	s->stdin_next = !files || !*files;
	s->mixed = mixed;
	s->name = "-";
	return s;
}

static void close_file(struct source *s)
{
	if (!s->in)
		return;
	s->bytes_read += input_bytes_read(s->in);
	input_close(s->in);
	s->in = NULL;
}

int source_next(struct source *s)
{
	close_file(s);
	if (s->stdin_next)
		s->name = "-", s->stdin_next = 0;
	else if (s->next && *s->next)
		s->name = *s->next++;
	else
		return 0;
	s->in = s->mixed ? input_open_mixed(s->name) : input_open(s->name);
	if (!s->mixed)
		input_is_data(s->in);
	return 1;
}

size_t source_read(struct source *s, void *to, size_t n)
{
	return input_read(s->in, to, n);
}

const char *source_name(const struct source *s)
{
	return strcmp(s->name, "-") ? s->name : "standard input";
}

uint64_t source_bytes_read(const struct source *s)
{
	return s->bytes_read + (s->in ? input_bytes_read(s->in) : 0);
}

void source_close(struct source *s)
{
	close_file(s);
	free(s);
}
