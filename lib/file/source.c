/* source - see source.h
 */
#include "file/source.h"

#include "cli/cli.h"
#include "file/input.h"

#include <stdlib.h>
#include <string.h>

struct source {
	char *const *next; /* files to come */
	int stdin_next;    /* none was named */
	const char *name;
	struct input *in;
};

struct source *source_open(char *const *files)
{
	struct source *s = xcalloc(1, sizeof *s);

	s->next = files;
	s->stdin_next = !files || !*files;
	s->name = "-";
	return s;
}

static void close_file(struct source *s)
{
	if (s->in)
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
	s->in = input_open_mixed(s->name);
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

void source_close(struct source *s)
{
	close_file(s);
	free(s);
}
