/* kinds - the table of kinds as man/records.5 has it, in mdoc */
#include "stream/kinds.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 80 };

/* mandoc wants short lines of text. */
static void print_wrapped(const char *s)
{
	while (strlen(s) > WIDTH) {
		int n = WIDTH;

		while (s[n] != ' ')
			n--;
		printf("%.*s\n", n, s);
		s += n + 1;
	}
	printf("%s\n", s);
}

int main(void)
{
	char type[64];

	for (int k = 0; k < KIND_COUNT; k++) {
		printf(".Ss %s\nA record is %s.\n.Bl -tag -width adapter_print\n",
			kind_name((enum kind)k), kind_help((enum kind)k));
		for (const struct key *key = kind_keys((enum kind)k); key->name; key++) {
			key_type_name(key, type, sizeof type);
			printf(".It Va %s\n.Pq %s\n", key->name, type);
			print_wrapped(key->help);
		}
		printf(".El\n");
	}
	return 0;
}
