/* angdist - mean angular distance between the inputs of layers l and l+n
 *
 *   in   hidden   the residual stream of sequences' last tokens, or of several tokens each
 *        angle    the sums of a part measured before
 *   out  angle    one record per pair (n, l)
 */
#include "angle/angle.h"
#include "cli/cli.h"
#include "file/json.h"
#include "sys/die.h"

static int64_t width;
static struct positions positions;
static const char *position_text;

static int parse_positions(const char *text)
{
	struct fault err;

	position_text = text;
	if (positions_parse(&positions, text, &err))
		misuse("--positions: %s", err.text);
	return 0;
}

static const struct opt opts[] = { { 'n', "width", "N", OPT_INT, &width,
					   "only blocks of N layers (default: every width)",
					   .key = "n" },
	{ 0, "positions", "LIST", OPT_CALL, &position_text,
		"only these tokens: 0,100-127,-1 or last (default: all that were dumped)",
		.call = parse_positions },
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
	struct angle_request q;
	struct angles *a;
	struct rec_out *out;

	if (width > MAX_LAYERS)
		misuse("-n %lld: at most %d", (long long)width, MAX_LAYERS);
	q = (struct angle_request){ 1, (int)width, position_text ? &positions : NULL,
		position_text };
	a = angles_read(files, &q, &meta, &provenance);

	out = rec_create(stdout, "standard output", KIND_ANGLE, provenance, args, meta, 0);
	write_all(out, a);
	rec_finish(out);

	angles_free(a);
	json_decref(meta);
	json_decref(provenance);
	json_decref(args);
	return EXIT_DONE;
}
