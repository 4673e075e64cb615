# The whole method, of any models: blocks, pruned and healed models, scores, the paper's figures. A run is a folder of its own,
# with the tools on PATH; its settings are in a file, or on the command line:
#
#     mkdir run
#     cat > run/settings
#     MODELS = /models/Llama-2-7b-hf /models/phi-2
#     TEXT = /data/c4-train.json.gz
#     VALID = /data/c4-validation.json.gz
#     MMLU = /data/mmlu
#     BOOLQ = /data/boolq/val.jsonl
#
#     make -C run -f $PWD/pipelines/paper.mk                  says what can be made, and what is missing
#     make -C run -f $PWD/pipelines/paper.mk fig-2 RANK=8     makes a figure; -n shows the commands
#
# `plan` looks at the settings and writes plan.mk: every file that can be made, with the command that makes it. That is a flat
# make file, to be read, compared, and edited; this one only includes it. Every file is named by what made it:
#
#     NAME/valid-l2048-n10000.angle             distances on 10000 documents of VALID, cut at 2048 tokens
#     NAME/similarity-n8.model                  without the 8 layers that turn the state least; simple-n8: the deepest
#     NAME/similarity-all.model                 the base, and one model for each n
#     NAME/similarity-n8-r2-lr3e-4-t5000-s0.model       healed: rank, rate, steps, seed; -b32: another BATCH; -d9000: HEAL_DOCS;
#                                               -dropout0.1: an option of HEAL
#     NAME/similarity-n8.mmlu-k5.score          MMLU with 5 shots; -o7: in another order, by seed 7
#     NAME/fig-4.svg, fig-2.svg                 a figure of one model, of all; .tsv beside it: what is drawn
#
# A file is made again when what it is made of has changed: the contents of its inputs, a tool's version or options. The shell's
# place is taken by `into`, which keeps what a file was made of. What is no file here, models, data, versions, lists, stands as
# text in .stamp and NAME/.stamp, which `plan` writes only where it has changed, models and data by their contents. So times
# tell make what to look at, but contents what to make. A healing is never thrown away: one that was begun with other things
# stops make with a line.

pipelines := $(dir $(lastword $(MAKEFILE_LIST)))
quote = '$(subst ','\'',$1)'
ifneq (0,$(shell [ -e $(call quote,$(pipelines)paper.mk) ]; echo $$?))
$(error paper.mk: lies under a path with a blank: a link without one, and -f through that, goes)
endif
include $(pipelines)env.mk
script = $(call quote,$(pipelines)$1)

# The command line alone gives settings, as they are written there: nothing in them is expanded. flags: -n, -q and the like.
given := $(foreach v,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $v))),$(call quote,$v=$(value $v))))
flags := $(filter-out --%,$(firstword -$(MAKEFLAGS)))
dry := $(if $(findstring n,$(flags))$(findstring q,$(flags)),-n)

.PHONY: help mend plan
help:
	@$(call script,plan) help $(given) --
mend:
	@$(call script,mend) $(call quote,$(value OUT))
plan: ;

goals := $(filter-out help mend,$(MAKECMDGOALS))
ifneq (,$(goals))
plan.mk := $(shell $(call script,plan) $(dry) $(given) -- $(goals))
ifneq (0,$(.SHELLSTATUS))
$(error paper.mk: $(plan.mk))
endif
-include $(plan.mk)
ifneq (,$(dry))
$(if $(shell rm -f $(filter /tmp/coppice-plan.%,$(plan.mk))),)
else
.SILENT: $(shell sed -n 's/^\([^.\#[:blank:]][^:]*\):.*/\1/p' $(plan.mk))	# `into` shows what it runs
endif
list := $(addprefix -p ,$(wildcard $(dir $(plan.mk)).stamp/list))
.SHELLFLAGS = $(call script,into) $(list) $@ $^ --
endif
