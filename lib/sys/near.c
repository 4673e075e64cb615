/* near - see near.h
 */
#include "sys/near.h"

#include <string.h>

enum { MOST = 63 };

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* Letters to put in, leave out, change, or swap with the next: the restricted edit distance. */
static int distance(const char *a, int n, const char *b, int m)
{
	int d[3][MOST + 1]; /* rows i-2, i-1 and i */
	int *two = d[0], *one = d[1], *row = d[2];

	for (int j = 0; j <= m; j++)
		one[j] = j;
	for (int i = 1; i <= n; i++) {
		int *next = two;

		row[0] = i;
		for (int j = 1; j <= m; j++) {
			row[j] = least(one[j - 1] + (a[i - 1] != b[j - 1]),
				1 + least(one[j], row[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], two[j - 2] + 1);
		}
		two = one;
		one = row;
		row = next;
	}
	return one[m];
}

void near_try(struct near *n, const char *word, const char *name)
{
	size_t a = strlen(word), b = strlen(name);
	int most = a < 6 ? 1 : (int)(a / 3), d;

	if (a > MOST || b > MOST)
		return;
	d = distance(word, (int)a, name, (int)b);
	if (d > most || d >= (int)a || (n->best && d >= n->distance))
		return;
	*n = (struct near){ name, d };
}
