/* model-info - opens models as every tool does and says what was found: one line a model
 */
#include "cli/cli.h"
#include "model/model.h"

static void print_model(const struct model *m)
{
	const struct shape *s = m->shape;

	printf("print=%s layers=%d keep=%d d=%d heads=%d/%d hd=%d ff=%d vocab=%d ctx=%d rotary=%d "
	       "parameters=%llu",
		m->rec->fingerprint, s->n_layers, m->rec->n_keep, s->d_model, s->n_heads, s->n_kv,
		s->head_dim, s->d_ff, s->n_vocab, s->n_ctx, s->rotary,
		(unsigned long long)shape_parameters(s, m->rec->n_keep));
	printf(" base=%s quant=%s nf4=%d", m->rec->base, m->rec->quant ? m->rec->quant : "-",
		m->nf4);
	if (m->adapter)
		printf(" adapter=%s rank=%d scale=%g", m->adapter->fingerprint, m->adapter->rank,
			m->adapter->scale);
	putchar('\n');
}

int main(int argc, char *argv[])
{
	const struct cli cli = { .name = "model-info",
		.operands = "",
		.about = "opens models and says their shapes",
		.model = MODEL_RUN,
		.example = "model-info -m model" };
	struct models *m;

	cli_parse(&cli, argc, argv);
	m = models_open(&common.model);
	for (int i = 0; i < m->n; i++)
		print_model(&m->list[i]);
	models_close(m);
	return 0;
}
