# paper.mk makes the paper's figures for any models: blocks, pruned and healed models, scores.
#
# A run is a folder of its own. Its settings are in a file there, or on make's command line:
#
#     mkdir run
#     cat > run/settings
#     MODELS = /models/Llama-2-7b-hf /models/phi-2
#     TEXT = /data/c4-train.json.gz
#     VALID = /data/c4-validation.json.gz
#     MMLU = /data/mmlu
#     BOOLQ = /data/boolq/val.jsonl
#
#     make -C run -f $PWD/pipelines/paper.mk                # says what can be made, what is missing
#     make -C run -f $PWD/pipelines/paper.mk fig-2 RANK=8   # makes figure 2; -n shows the commands
#
# The tools have to be on PATH. The script `plan` writes run/plan.mk, which has a rule for every
# file that can be made, with the command that makes it. It is a flat make file, to be read,
# compared and edited. This file only calls `plan` and includes what it has written:
#
#     settings.txt, recipes.txt   what can be set; the paper's lengths, ranks and rates
#     method.txt                  tools, rules of choosing, tasks, figures: add one by a line here
#     plan                        checks all settings, says what is missing, writes plan.mk
#       settings.awk              settings, names and recipes of models
#       wanted.awk                what the figures show
#       plan.awk, drawn.awk       the rules that make it
#       needs.awk                 what the targets of this make depend on
#     into                        runs a command if what its file is made of has changed
#
# A file is named by what made it. NAME is a model's:
#
#     NAME/valid-l2048-n10000.angle   distances: 10000 documents of VALID, cut at 2048 tokens
#     NAME/loss-l2048-n60000.tokens   those that the loss is measured on: a sample of its own
#     NAME/similarity-n8.model        without the block of 8 layers with the least distance
#     NAME/simple-n8.model            without 8 layers by the simple rule
#     NAME/similarity-all.model       the base, and one model for each n
#     NAME/similarity-every-n8.model  one model for each block of 8 layers
#     NAME/similarity-n8-r2-lr3e-4-t5000-s0.model   healed: rank, rate, steps, seed. Behind these
#                                     stand other TARGETS, BATCH (-b32), HEAL_DOCS (-d9000),
#                                     HELD_OUT (-v50) and HEAL
#     NAME/similarity-n8.mmlu-k5.score              MMLU with 5 shots; -o7: their order by seed 7;
#                                     -qnf4: in 4 bits
#     NAME/similarity-n8.mmlu-k5.samples            the answers behind a score (not with SPLIT)
#     NAME/comparisons.tsv            differences on the same questions, of what the paper compares
#     NAME/fig-4.svg, fig-2.svg       figures of one model, of all; .tsv beside them: what is drawn
#
# A program in a tool's place is in the name of all that it makes, similarity+mine-n8.model.
#
# Contents decide what is made again, not times. `into` stands in the shell's place and keeps a hash
# of what each file was made of. Models, data, versions of tools and lists are not files of the run:
# `plan` keeps a text for each of them in .stamp and NAME/.stamp, models and data by their contents,
# and writes it only when it has changed. So times tell make where to look, and `into` whether there
# is anything to do. Adapters are never removed: qlora-heal refuses one of another model or text.

pipelines := $(dir $(lastword $(MAKEFILE_LIST)))
quote = '$(subst ','\'',$1)'
script = $(call quote,$(pipelines)$1)
ifneq (0,$(shell [ -e $(call script,paper.mk) ]; echo $$?))
$(error paper.mk: lies under a path with a blank: a link without one, and -f through that, goes)
endif
include $(pipelines)env.mk

# The settings of the command line, exactly as they are written there. The environment has none. V=1
# is none: it shows the commands.
is-given = $(filter command,$(firstword $(origin $1)))
given := $(foreach v,$(filter-out V,$(.VARIABLES)),$(if $(call is-given,$v),$(call quote,$v=$(value $v))))

# With -n and -q nothing is written.
flags := $(filter-out --%,$(firstword -$(MAKEFLAGS)))
dry := $(if $(findstring n,$(flags))$(findstring q,$(flags)),-n)

.PHONY: help mend plan
help:
	@$(call script,plan) help $(given) --
mend:
	@$(call script,mend) $(call quote,$(value OUT))
plan:
	@echo $(plan.mk): the rules for all that can be made

define newline


endef

targets := $(filter-out help mend,$(MAKECMDGOALS))
ifneq (,$(targets))
plan.mk := $(shell $(call script,plan) $(dry) $(given) -- $(targets))
ifneq (0,$(.SHELLSTATUS))
$(error paper.mk: $(or $(plan.mk),there is no plan))
endif

# With -n it is the plan itself. Else `into` shows the commands that it runs; make does not.
ifneq (,$(dry))
$(eval $(subst $(shell printf '\1'),$(newline),$(plan.mk)))
plan.mk := $(addsuffix /,$(patsubst %/,%,$(OUT)))plan.mk
else
-include $(plan.mk)
.SILENT: $(shell sed -n 's/^\([^.\#[:blank:]][^:]*\):.*/\1/p' $(plan.mk))
endif
list := $(addprefix -p ,$(wildcard $(dir $(plan.mk)).stamp/list))
.SHELLFLAGS = $(call script,into) $(list) $@ $^ --
endif
