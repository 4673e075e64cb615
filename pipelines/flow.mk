# The whole flow, one rule an arrow of the picture. A file's suffix is its kind, so `ls` shows how far a run is.
#
#     text --c4-tokenize--> tokens --hidden-dump--> hidden --angdist--> angle --argmin-block--> block
#     block --drop-layers--> model;  model + tokens --qlora-heal--> model;  model --eval-*--> score
#
# Use it in a folder of the run's own, with the tools on PATH, and name what it works on:
#
#     make -C run -f .../pipelines/flow.mk MODEL=/models/llama-2-7b TEXT=c4-train.json.gz VALID=c4-validation.json.gz \
#         MMLU=/data/mmlu BOOLQ=/data/boolq/val.jsonl
#
# A file is made again when its inputs are newer, or when a tool's options or version have changed: those stand in
# .stamp/TOOL. A tool that is only built again has changed nothing.

# Layers to drop from the model that is healed; tokens of a document; documents to heal on, to find the block with and
# to measure the loss on (the first of these); the healing's recipe; shots and questions of a subject (empty: all).
N ?= 8
LEN ?= 2048
HEAL_DOCS ?= 80000
VALID_DOCS ?= 10000
C4_DOCS ?= 1000
HEAL ?=
SHOTS ?= 5
QUESTIONS ?=

# A tool's options, under its own name, and what else shapes its results.
c4-tokenize = -m $(MODEL) -l $(LEN)
hidden-dump = -m $(MODEL)
drop-layers = -m $(MODEL)
qlora-heal = $(HEAL)
eval-c4 = --limit $(C4_DOCS)
eval-mmlu = -k $(SHOTS)$(if $(QUESTIONS), --limit $(QUESTIONS))
eval-boolq = -k 0$(if $(QUESTIONS), --limit $(QUESTIONS))
c4-tokenize.data = $(TEXT) $(HEAL_DOCS) $(VALID) $(VALID_DOCS)
eval-mmlu.data = $(MMLU)
eval-boolq.data = $(BOOLQ)

PIPELINES := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
SHELL = /bin/sh
.DELETE_ON_ERROR:
# Kept, though make sees them as steps on the way. (.SECONDARY would keep them too, but not make a missing one that a new
# N asks for.)
.PRECIOUS: n%.block %.model n%-healed.model %.c4.score %.mmlu.score %.boolq.score
.PHONY: flow
.SUFFIXES:

# Written beside and renamed: an interrupted make leaves no half file under a good name.
to = > $@.part && mv $@.part $@
# What an interrupted make left is not taken up again (nor for the new file's age), but for samples, which go on.
ifeq (,$(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS)))))
$(shell rm -f $(foreach k,tokens hidden angle block model score tsv,*.$k.part))
endif

# STAGE_angdist=./mine puts a program of one's own in a tool's place: it takes the same operands and options.
tool = $(or $(STAGE_$1),$1)
swapped = $(if $(STAGE_$1), $(STAGE_$1) $(shell cksum < $(firstword $(STAGE_$1)) 2>/dev/null))
stamped := c4-tokenize hidden-dump angdist argmin-block drop-layers qlora-heal eval-c4 eval-mmlu eval-boolq
stamp = $(foreach t,$1,.stamp/$t)
$(foreach t,$(stamped),$(shell $(PIPELINES)stamp $t '$($t) $($t.data)$(call swapped,$t)'))

flow: angle.svg angle.png sweep.svg sweep.png table.txt
	@cat table.txt

# -- which layers to drop ----------------------------------------------------------------------------------------------

train.tokens: $(TEXT) $(MODEL) $(call stamp,c4-tokenize)
	$(call tool,c4-tokenize) $(c4-tokenize) --sample $(HEAL_DOCS) $(TEXT) $(to)

valid.tokens: $(VALID) $(MODEL) $(call stamp,c4-tokenize)
	$(call tool,c4-tokenize) $(c4-tokenize) --sample $(VALID_DOCS) $(VALID) $(to)

valid.hidden: valid.tokens $(call stamp,hidden-dump)
	$(call tool,hidden-dump) $(hidden-dump) valid.tokens $(to)

valid.angle: valid.hidden $(call stamp,angdist)
	$(call tool,angdist) valid.hidden $(to)

all.block: valid.angle $(call stamp,argmin-block)
	$(call tool,argmin-block) -n all valid.angle $(to)

n%.block: valid.angle $(call stamp,argmin-block)
	$(call tool,argmin-block) -n $* valid.angle $(to)

# -- models: the base is the one with no layer dropped -------------------------------------------------------------------

%.model: %.block $(call stamp,drop-layers)
	$(call tool,drop-layers) $(drop-layers) $< $(to)

base.block: valid.angle $(call stamp,argmin-block)
	$(call tool,argmin-block) -n 0 valid.angle $(to)

sweep.block: base.block all.block
	cat base.block all.block $(to)

# An interrupted healing goes on where it was, unless what it is made of has changed since.
n%-healed.model: n%.model train.tokens $(call stamp,qlora-heal)
	test -z "$$(find $^ -newer n$*.adapter 2>/dev/null)" || rm -rf n$*.adapter
	$(call tool,qlora-heal) $(qlora-heal) --resume -o n$*.adapter train.tokens < n$*.model $(to)

# -- what is left of them -------------------------------------------------------------------------------------------------

%.c4.score: %.model valid.tokens $(call stamp,eval-c4)
	$(call tool,eval-c4) $(eval-c4) valid.tokens < $< $(to)

%.mmlu.score: %.model $(or $(wildcard $(MMLU)/dev/*.csv $(MMLU)/test/*.csv),$(MMLU)) $(call stamp,eval-mmlu)
	$(call tool,eval-mmlu) $(eval-mmlu) $(MMLU) < $< $(to)

%.boolq.score: %.model $(BOOLQ) $(call stamp,eval-boolq)
	$(call tool,eval-boolq) $(eval-boolq) $(BOOLQ) < $< $(to)

# -- to look at ---------------------------------------------------------------------------------------------------------------

shown = base n$(N) n$(N)-healed
scores = $(foreach m,$1,$m.c4.score $m.mmlu.score $m.boolq.score)

angle.tsv: valid.angle
	rec-cat -t n,l,mean valid.angle $(to)

block.tsv: all.block
	rec-cat -t n,l,mean all.block $(to)

sweep.tsv: $(call scores,sweep)
	rec-cat -t task,model.block.n,model.block.layers,value,stderr $^ $(to)

healed.tsv: $(call scores,n$(N)-healed)
	rec-cat -t task,model.block.n,model.block.layers,value,stderr $^ $(to)

# What guessing gives: every token alike, one of four, one of two, the more frequent of two.
guess.tsv: sweep.c4.score $(BOOLQ)
	{ rec-cat -t value,normalised sweep.c4.score | awk 'NR == 1 { print "c4\t" $$1 / $$2 }'; \
	  printf 'mmlu\t0.25\nboolq\t0.5\n'; \
	  awk '/"label": *true/ { n++ } END { p = n / NR; print "majority\t" (p > 0.5 ? p : 1 - p) }' $(BOOLQ); } $(to)

angle.svg angle.png: angle.tsv block.tsv $(PIPELINES)angle.gp
	gnuplot -e "type = '$(patsubst .%,%,$(suffix $@))'; angles = 'angle.tsv'; blocks = 'block.tsv'" $(PIPELINES)angle.gp $(to)

sweep.svg sweep.png: sweep.tsv healed.tsv guess.tsv $(PIPELINES)sweep.gp
	gnuplot -e "type = '$(patsubst .%,%,$(suffix $@))'" $(PIPELINES)sweep.gp $(to)

table.txt: $(call scores,$(shown)) $(PIPELINES)table
	$(PIPELINES)table $(shown) $(to)
