/* angdist - mean angular distance between the inputs of layers l and l+n
 *
 *   in   hidden   the last token's residual stream, one record per sequence
 *        angle    the sums of a part measured before
 *   out  angle    one record per pair (n, l)
 */
#include "angle/angle.h"
#include "cli/cli.h"
#include "file/json.h"
#include "sys/die.h"

static int64_t width;

static const struct opt opts[] = { { 'n', "width", "N", OPT_INT, &width,
					   "only blocks of N layers (default: every width)",
					   .key = "n" },
	{ 0 } };

static const struct cli cli = {
	.name = "angdist",
	.operands = "[HIDDEN|ANGLE ...]",
	.about = "mean angular distance between the inputs of layers l and l+n, from hidden states "
		 "or from parts",
	.opts = opts,
	.threads = 1,
	.example = "hidden-dump -m model c4.tokens | angdist > c4.angle",
};

static void write_all(struct rec_out *out, const struct angles *a)
{
	for (int n = 1; n <= a->layers; n++)
		for (int l = 0; angles_have(a, n) && l + n <= a->layers; l++) {
			struct angle pair = angles_pair(a, n, l);

			angle_write(out, &pair);
		}
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);
	json_t *meta, *provenance, *args = cli_args();
	struct angles *a;
	struct rec_out *out;

	if (width > MAX_LAYERS)
		misuse("-n %lld: at most %d", (long long)width, MAX_LAYERS);
	a = angles_read(files, 1, width, &meta, &provenance);

	out = rec_create(stdout, "standard output", KIND_ANGLE, provenance, args, meta, 0);
	write_all(out, a);
	rec_finish(out);

	angles_free(a);
	json_decref(meta);
	json_decref(provenance);
	json_decref(args);
	return EXIT_DONE;
}
