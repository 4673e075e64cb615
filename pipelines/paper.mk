# The whole method, of any models: blocks, pruned and healed models, scores, the paper's figures. Every arrow is a rule,
# and every file is named by what made it:
#
#     NAME/valid-l2048-n10000.angle             distances on 10000 documents of VALID, cut at 2048 tokens
#     NAME/similarity-n8.model                  without the 8 layers that turn the state least; simple-n8: the deepest
#     NAME/similarity-all.model                 the base, and one model for each n
#     NAME/similarity-n8-r2-lr3e-4-t5000-s0.model       healed: rank, rate, steps, seed
#     NAME/similarity-n8.mmlu-k5.score          MMLU with 5 shots; -o7: in another order, by seed 7
#     NAME/fig-4.svg, fig-2.svg                 a figure of one model, of all; .tsv beside it: what is drawn
#
# Use it in a folder of the run's own, with the tools on PATH:
#
#     make -C run -f .../pipelines/paper.mk MODELS='/models/Llama-2-7b-hf /models/phi-2' TEXT=c4-train.json.gz \
#         VALID=c4-validation.json.gz MMLU=/data/mmlu BOOLQ=/data/boolq/val.jsonl fig-2 fig-4
#
# One target a figure; `figures`: all of them; `report.html`: a page of tables and figures; `tables`: what is left of each
# model, as text; `mend`: takes away streams that are not whole, for the next make to make anew. -n shows what it would do.
# Rank, rate and length of each model come from recipes.mk.
#
# A file is made again when its inputs are newer, or when a tool's options or version have changed: those stand in
# .stamp/TOOL. A tool that is only built again has changed nothing.

PIPELINES := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
include $(PIPELINES)env.mk
$(call own,$(shell sed -n 's/^\([A-Z_]*\) ?=.*/\1/p' '$(PIPELINES)paper.mk') LEN RANK LR)

# Documents to find the blocks with and to measure the loss on; optimizer steps of 16 documents; widths that are healed
# (empty: from a tenth to seven tenths of the layers); questions of MMLU's subjects and of BoolQ (empty: all).
VALID_DOCS ?= 10000
C4_DOCS ?= 1000
STEPS ?= 5000
BATCH ?= 16
HEAL_DOCS ?= $(shell expr $(STEPS) \* $(BATCH))
NS ?=
SHOTS ?= 5
QUESTIONS ?=
BOOLQ_QUESTIONS ?=
# The figures that the report has in it.
REPORT ?= fig-1c fig-1d fig-2 fig-3 fig-4 fig-6
# What figures 7, 8 and 9 compare: numbers of shots, seeds of their order, seeds of the healing, ranks.
SHOT_COUNTS ?= 0 1 2 3 4 5
ORDERS ?= 1 2 3
SEEDS ?= 0 1 2
RANKS ?= 2 8 64
# Further options of the healing.
HEAL ?=
# Where the run's files go, with a slash at its end (empty: here).
OUT ?=

# How the long commands run. JOBS=4: so many at once, through GNU parallel; HOSTS=FILE: on the machines of this list of its
# sshlogins, JOBS on each (`spread` says more); SPLIT=8: states and scores in so many parts, which make the bytes of one run.
# RUN='srun -c 16': stands before each of them, for make -j 8 to run eight; RUN=.../on-gpu: each on a GPU of its own.
JOBS ?=
HOSTS ?=
SPLIT ?=
RUN ?=

include $(PIPELINES)recipes.mk
SHELL = /bin/sh
.DELETE_ON_ERROR:
.SUFFIXES:

# Written beside and renamed: an interrupted make leaves no half file under a good name. What it left is not taken up again,
# nor for the new file's age.
dry := $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
to = $(if $(dry),,$(shell rm -f $@.part))> $@.part && mv $@.part $@

spread := $(if $(JOBS)$(HOSTS),$(PIPELINES)spread$(if $(JOBS), -j $(JOBS))$(if $(HOSTS), -h $(HOSTS))$(if $(OUT), -d $(OUT).places))
ifneq (,$(spread))
MAKEFLAGS += -j $(shell expr 2 + $$($(spread) -n))
endif

# STAGE_angdist=./mine puts a program of one's own in a tool's place: it takes the same operands and options.
prefix = $(addsuffix $(empty) ,$(strip $(spread) $(RUN)))
tool = $(if $(filter hidden-dump qlora-heal eval-%,$1),$(prefix))$(or $(STAGE_$1),$1)
swapped = $(if $(STAGE_$1), $(STAGE_$1) $(shell cksum < $(firstword $(STAGE_$1)) 2>/dev/null))
stamped := c4-tokenize hidden-dump angdist argmin-block drop-layers qlora-heal eval-c4 eval-mmlu eval-boolq
stamp = $(foreach t,$1,$(OUT).stamp/$t)
options.c4-tokenize = $(TEXT) $(VALID)
options.qlora-heal = $(HEAL) $(BATCH)
options.eval-c4 = $(C4_DOCS)
options.eval-mmlu = $(MMLU) $(QUESTIONS)
options.eval-boolq = $(BOOLQ) $(BOOLQ_QUESTIONS)
# Looked at in every make; only a change makes it newer. With -n nothing is written: what has changed counts as made.
look = $(shell PATH='$(PATH)' $(PIPELINES)stamp $1 $(OUT).stamp/$2 '$(options.$2)$(call swapped,$2)')
ifeq (,$(dry))
$(call stamp,$(stamped)): FORCE
	+$(call look,,$(@F))
else ifneq (,$(foreach t,$(stamped),$(call look,-n,$t)))
$(foreach t,$(stamped),$(call look,-n,$t)): FORCE
	$(empty)
endif
FORCE:
.PHONY: FORCE

# -- models ------------------------------------------------------------------------------------------------------------

# A model is PATH, its name the last part of that, or NAME=PATH.
path-of = $(lastword $(subst =, ,$1))
name-of = $(OUT)$(if $(findstring =,$1),$(firstword $(subst =, ,$1)),$(patsubst %.gguf,%,$(notdir $(patsubst %/,%,$1))))
names := $(foreach m,$(MODELS),$(call name-of,$m))
$(foreach m,$(MODELS),$(eval path.$(call name-of,$m) := $(call path-of,$m)))
$(foreach m,$(names),$(eval len.$m := $(call recipe-length,$(notdir $m))) \
	$(eval rank.$m := $(call recipe-rank,$(notdir $m))) $(eval lr.$m := $(call recipe-rate,$(notdir $m))))
# Asked of the model once, where no NS says which widths are healed.
layers = $(or $(layers.$1),$(eval layers.$1 := $(shell argmin-block -q --simple -n 1 -m '$(path.$1)' | rec-cat -t layers))$(layers.$1))
widths = $(or $(NS),$(shell seq 7 | LC_ALL=C awk '{ n = int($(call layers,$1) * $$1 / 10 + 0.5) } n > 0 && n < $(call layers,$1) { print n }' | uniq))

train = $1/train-l$(len.$1)-n$(HEAL_DOCS).tokens
valid = $1/valid-l$(len.$1)-n$(VALID_DOCS)
# $(call sweep,MODEL,RULE); $(call healed,MODEL,RULE,N,RANK,SEED)
sweep = $1/$2-all
healed = $1/$2-n$3-r$4-lr$(lr.$1)-t$(STEPS)-s$5
all-healed = $(foreach n,$(call widths,$1),$(call healed,$1,$2,$n,$3,$4))
own-healed = $(call all-healed,$1,$2,$(rank.$1),0)

# A part is FROM+COUNT, or FROM+ for all that follow.
limit = $(if $1, --limit $1)
part = $(subst +, --limit ,--skip $(patsubst %+,%,$1))
parts-of = $(if $(filter-out 1,$(SPLIT)),$(shell $(PIPELINES)parts $(SPLIT) $1))
hidden.parts := $(call parts-of,$(VALID_DOCS))
c4.parts := $(call parts-of,$(shell expr $(C4_DOCS) '<' $(VALID_DOCS) '&' $(C4_DOCS) '|' $(VALID_DOCS)))
mmlu.tests := $(wildcard $(MMLU)/test/*.csv)
mmlu.parts := $(if $(mmlu.tests),$(call parts-of,$(or $(QUESTIONS),$(mmlu.tests))))
boolq.parts := $(call parts-of,$(or $(BOOLQ_QUESTIONS),$(BOOLQ)))

$(names):
	mkdir -p $@

# $(call of-score,STEM,TOOL,OPTIONS,DATA,NUMBER,PARTS,MORE INPUTS): STEM.score of a model, whole or from parts
define of-score
.PRECIOUS: $1.score
$(if $6,$1.score: $(foreach p,$6,$1-$p.score)
	$2 -q --merge $$^ $$(to)
,$1.score: $(word 1,$(subst %,% ,$1)).model $7 $(call stamp,$2)
	$(call tool,$2) $(strip $3$(call limit,$5)) $4 < $$< $$(to)
)
$(foreach p,$6,$(newline)$1-$p.score: $(word 1,$(subst %,% ,$1)).model $7 $(call stamp,$2)$(newline)	$(call tool,$2) $(strip $3 $(call part,$p)) $4 < $$< $$(to))
endef
define newline


endef

define of-model
$(call train,$1): $(TEXT) $(path.$1) $(call stamp,c4-tokenize) | $1
	$(call tool,c4-tokenize) -m $(path.$1) -l $(len.$1) --sample $(HEAL_DOCS) $(TEXT) $$(to)

$(call valid,$1).tokens: $(VALID) $(path.$1) $(call stamp,c4-tokenize) | $1
	$(call tool,c4-tokenize) -m $(path.$1) -l $(len.$1) --sample $(VALID_DOCS) $(VALID) $$(to)

$(if $(hidden.parts),$(call valid,$1).hidden: $(hidden.parts:%=$(call valid,$1)-%.hidden)
	cat $$^ $$(to)
,$(call valid,$1).hidden: $(call valid,$1).tokens $(call stamp,hidden-dump)
	$(call tool,hidden-dump) -m $(path.$1) $$< $$(to)
)
$(foreach p,$(hidden.parts),$(newline)$(call valid,$1)-$p.hidden: $(call valid,$1).tokens $(call stamp,hidden-dump)$(newline)	$(call \
	tool,hidden-dump) -m $(path.$1) $(call part,$p) $$< $$(to))

$(call valid,$1).angle: $(call valid,$1).hidden $(call stamp,angdist)
	$(call tool,angdist) $$< $$(to)

$1/similarity-n%.block: $(call valid,$1).angle $(call stamp,argmin-block)
	$(call tool,argmin-block) -n $$* $$< $$(to)

$1/simple-n%.block: $(path.$1) $(call stamp,argmin-block) | $1
	$(call tool,argmin-block) --simple -n $$* -m $(path.$1) $$(to)

$1/similarity-all.block: $1/similarity-n0.block $(call valid,$1).angle
	{ cat $$< && $(call tool,argmin-block) -n all $(call valid,$1).angle; } $$(to)

$1/simple-all.block: $1/simple-n0.block
	{ cat $$< && $(call tool,argmin-block) --simple -n all -m $(path.$1); } $$(to)

$1/%.model: $1/%.block $(call stamp,drop-layers)
	$(call tool,drop-layers) -m $(path.$1) $$< $$(to)

# Kept, though make sees them as steps on the way. (.SECONDARY would keep them too, but not make a missing one that a
# newer list asks for.)
.PRECIOUS: $1/similarity-n%.block $1/simple-n%.block $1/%.model

$1/%-all.block.tsv: $1/%-all.block
	rec-cat -t n,l,mean $$< | sed 1d $$(to)

$1/angle.tsv: $(call valid,$1).angle
	rec-cat -t n,l,mean $$< $$(to)
endef

# An interrupted healing goes on where it was, unless what it is made of has changed since.
define of-healing
.PRECIOUS: $1/%-r$2-lr$(lr.$1)-t$(STEPS)-s$3.model
$1/%-r$2-lr$(lr.$1)-t$(STEPS)-s$3.model: $1/%.model $(call train,$1) $(call stamp,qlora-heal)
	test -z "$$$$(find $$^ -newer $$(@:.model=.adapter) 2>/dev/null)" || rm -rf $$(@:.model=.adapter)
	$(call tool,qlora-heal) $(addsuffix $(empty) ,$(HEAL))--rank=$2 --lr=$(lr.$1) --steps=$(STEPS) --batch=$(BATCH) -s $3 --resume -o $$(@:.model=.adapter) \
		$(call train,$1) < $$< $$(to)
endef

mmlu-files = $(or $(wildcard $(MMLU)/dev/*.csv) $(mmlu.tests),$(MMLU))
mmlu-score = $(call of-score,%.mmlu-k$1,eval-mmlu,-k $1,$(MMLU),$(QUESTIONS),$(mmlu.parts),$(mmlu-files))

$(foreach m,$(names),$(eval $(call of-model,$m)))
$(foreach m,$(names),$(eval $(call of-score,$m/%.c4,eval-c4,,$(call valid,$m).tokens,$(C4_DOCS),$(c4.parts),$(call valid,$m).tokens)))
$(foreach m,$(names),$(foreach r,$(sort $(rank.$m) $(RANKS)),$(foreach s,$(sort 0 $(SEEDS)),$(eval $(call of-healing,$m,$r,$s)))))
$(foreach k,$(sort $(SHOTS) $(SHOT_COUNTS)),$(eval $(call mmlu-score,$k)))
$(foreach o,$(ORDERS),$(eval $(call of-score,%.mmlu-k$(SHOTS)-o$o,eval-mmlu,-k $(SHOTS) --order-seed $o,$(MMLU),$(QUESTIONS),$(mmlu.parts),$(mmlu-files))))
$(eval $(call of-score,%.boolq-k0,eval-boolq,-k 0,$(BOOLQ),$(BOOLQ_QUESTIONS),$(boolq.parts),$(BOOLQ)))

# -- figures -----------------------------------------------------------------------------------------------------------

# Scores a figure of one model, and of all models, is drawn from.
tasks = c4 mmlu-k$(SHOTS) boolq-k0
both = $(foreach t,$3,$(patsubst %,%.$t.score,$(call sweep,$1,$2) $(call own-healed,$1,$2)))
fig-1d.of = $(call both,$1,similarity,$(tasks))
fig-2.of = $(call both,$1,similarity,mmlu-k$(SHOTS))
fig-3.of = $(call both,$1,similarity,c4)
fig-5.of = $(call both,$1,similarity,$(tasks)) $(call both,$1,simple,$(tasks))
fig-6.of = $(call both,$1,similarity,boolq-k0)
fig-7.of = $(foreach x,$(ORDERS:%=k$(SHOTS)-o%) $(SHOT_COUNTS:%=k%),$(patsubst %,%.mmlu-$x.score,$(call own-healed,$1,similarity)))
fig-8.of = $(foreach s,$(SEEDS),$(patsubst %,%.mmlu-k$(SHOTS).score,$(call all-healed,$1,similarity,$(rank.$1),$s)))
fig-9.of = $(foreach r,$(RANKS),$(foreach rule,similarity simple,$(patsubst %,%.mmlu-k$(SHOTS).score,$(call all-healed,$1,$(rule),$r,0))) \
	$(patsubst %,%.c4.score,$(call all-healed,$1,similarity,$r,0)))

each := fig-1c fig-1d fig-4 fig-5 fig-7 fig-8
together := fig-2 fig-3 fig-6 fig-9
drawn := fig-1d fig-5 fig-7 fig-8 $(together)
pictures = $1.svg $1.png

.PHONY: figures tables mend $(each) $(together)
figures: $(each) $(together)
$(foreach f,$(each),$(eval $f: $(foreach m,$(names),$(call pictures,$m/$f))))
$(foreach f,$(together),$(eval $f: $(call pictures,$(OUT)$f)))

# $(call of-figure,FIGURE,FOLDER/,MODELS)
define of-figure
$2$1.tsv: $(foreach m,$3,$(call $1.of,$m)) $(PIPELINES)rows $(PIPELINES)series.awk
	$(PIPELINES)rows $$(filter %.score,$$^) | awk -v figure=$1 -f $(PIPELINES)series.awk $$(to)

$(call pictures,$2$1): $2$1.tsv $(PIPELINES)panels.gp
	gnuplot -d -e "type = '$$(patsubst .%,%,$$(suffix $$@))'; data = '$$<'" $(PIPELINES)panels.gp $$(to)
endef
define of-angles
$(call pictures,$1/$2): $1/angle.tsv $1/similarity-all.block.tsv $(PIPELINES)$3
	gnuplot -d -e "type = '$$(patsubst .%,%,$$(suffix $$@))'; angles = '$1/angle.tsv'; blocks = '$1/similarity-all.block.tsv'" \
		$(PIPELINES)$3 $$(to)
endef
$(foreach m,$(names),$(eval $(call of-angles,$m,fig-1c,curves.gp)) $(eval $(call of-angles,$m,fig-4,angle.gp)))
$(foreach f,$(filter $(each),$(drawn)),$(foreach m,$(names),$(eval $(call of-figure,$f,$m/,$m))))
$(foreach f,$(together),$(eval $(call of-figure,$f,$(OUT),$(names))))

# Parts are kept, but not made again where what they are for is there. (.SECONDARY of nothing would mean everything.)
parts-of-score = $(if $(findstring .c4.,$1),$(c4.parts),$(if $(findstring .boolq-,$1),$(boolq.parts),$(mmlu.parts)))
ways := $(if $(filter-out 1,$(SPLIT)),$(foreach m,$(names),$(hidden.parts:%=$(call valid,$m)-%.hidden) \
	$(foreach s,$(sort $(foreach f,$(drawn),$(call $f.of,$m))),$(foreach p,$(call parts-of-score,$s),$(s:.score=-$p.score)))))
ifneq (,$(strip $(ways)))
.SECONDARY: $(ways)
endif

# -- tables, the report --------------------------------------------------------------------------------------------------

tables: $(names:%=%/table.txt)
	@cat $^

$(foreach m,$(names),$(eval $m/table.txt: $(call fig-1d.of,$m)))
$(names:%=%/table.txt): $(PIPELINES)table
	$(PIPELINES)table $(filter %.score,$^) $(to)

$(OUT)report.tsv: $(sort $(foreach f,$(filter $(drawn),$(REPORT)),$(foreach m,$(names),$(call $f.of,$m)))) $(PIPELINES)rows
	$(PIPELINES)rows $(filter %.score,$^) $(to)

report.pictures = $(foreach m,$(names),$(patsubst %,$m/%.svg,$(filter $(each),$(REPORT)))) \
	$(patsubst %,$(OUT)%.svg,$(filter $(together),$(REPORT)))
report = $(OUT)report.html
$(report): $(OUT)report.tsv $(report.pictures) $(foreach m,$(names),$m/similarity-all.block) $(PIPELINES)report
	$(PIPELINES)report $< $(foreach m,$(names),$m=$(path.$m)) $(report.pictures) $(to)

mend:
	for f in $(foreach m,$(names),$(foreach k,tokens hidden angle block model score,$m/*.$k)); do \
		[ ! -e $$f ] || rec-cat -c $$f || rm $$f; done
