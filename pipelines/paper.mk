# The whole method, of any models: blocks, pruned and healed models, scores, the paper's figures. Every arrow is a rule,
# and every file is named by what made it:
#
#     NAME/valid-l2048-n10000.angle             distances on 10000 documents of VALID, cut at 2048 tokens
#     NAME/similarity-n8.model                  without the 8 layers that turn the state least; simple-n8: the deepest
#     NAME/similarity-all.model                 the base, and one model for each n
#     NAME/similarity-n8-r2-lr3e-4-t5000-s0.model       healed: rank, rate, steps, seed; -b32: another BATCH; -d9000: HEAL_DOCS;
#                                               -dropout0.1: an option of HEAL
#     NAME/similarity-n8.mmlu-k5.score          MMLU with 5 shots; -o7: in another order, by seed 7
#     NAME/fig-4.svg, fig-2.svg                 a figure of one model, of all; .tsv beside it: what is drawn
#
# Use it in a folder of the run's own, with the tools on PATH:
#
#     mkdir -p run && make -C run -f $PWD/pipelines/paper.mk MODELS='/models/Llama-2-7b-hf /models/phi-2' \
#         TEXT=/data/c4-train.json.gz VALID=/data/c4-validation.json.gz MMLU=/data/mmlu BOOLQ=/data/boolq/val.jsonl fig-2 fig-4
#
# MODELS: folders, GGUF files, or ids in the hub's cache; NAME is the last part, or what NAME=PATH says. TEXT and VALID: files of
# C4. MMLU: its folder or tar file. BOOLQ: JSON lines. RANK, LR (the rate) and LEN (the length) are each model's own in
# recipes.mk, unless they are given. All other variables stand below with their defaults. All are given on make's command line,
# never in the environment; lists stand apart by blanks. names.mk refuses what can't be.
#
# One target a figure; `figures`: all of them; `report.html`: a page of tables and figures; `tables`: what is left of each
# model, as text; `mend`: takes away streams that are not whole, for the next make to make anew. -n shows what it would do.
#
# A file is made again when what it is made of has changed: the contents of its inputs, a tool's version or options. `into` keeps
# what a file was made of. What is no file here, models, data, versions, options, lists, stands as text in .stamp and NAME/.stamp,
# and `stamp` writes that only when it has changed, models and data by their contents. So times still tell make what to look at,
# but contents what to make. A healing is never thrown away: one that was begun with other things stops make with a line.

# Not the environment's: see env.mk.
pipelines := $(dir $(lastword $(MAKEFILE_LIST)))
ifeq (,$(shell [ ! -e '$(subst ','\'',$(pipelines))names.mk' ] || echo 1))
$(error paper.mk: lies under a path with a blank: a link without one, and -f through that, goes)
endif
include $(pipelines)env.mk
$(call own,$(shell sed -n 's/^\([A-Z0-9_]*\) ?=.*/\1/p' '$(subst ','\'',$(pipelines))paper.mk') LEN RANK LR later readers $(filter STAGE_%,$(.VARIABLES)))

# Models to prune; text to heal them on and to measure on; questions.
MODELS ?=
TEXT ?=
VALID ?=
MMLU ?=
BOOLQ ?=
# Documents to find the blocks with and to measure the loss on; optimizer steps of 16 documents; widths that are healed
# (empty: from a tenth to seven tenths of the layers); questions of MMLU's subjects and of BoolQ (empty: all).
VALID_DOCS ?= 10000
C4_DOCS ?= 1000
STEPS ?= 5000
BATCH ?= 16
HEAL_DOCS ?= $(whole-run)
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
# Where the run's files go (empty: here).
OUT ?=

# How the long commands run. JOBS=4: so many at once, through GNU parallel; HOSTS=FILE: on the machines of this list of its
# sshlogins, JOBS on each (`spread` says more); SPLIT=8: states and scores in so many parts, which make the bytes of one run.
# RUN='srun -c 16': stands before each of them, for make -j 8 to run eight; RUN=.../on-gpu: each on a GPU of its own.
JOBS ?=
HOSTS ?=
SPLIT ?=
RUN ?=
# STAGE_angdist=./mine puts a program of one's own in a tool's place: it takes the same operands and options.
stages := c4-tokenize hidden-dump angdist argmin-block drop-layers qlora-heal eval-c4 eval-mmlu eval-boolq

ifeq (,$(.DEFAULT_GOAL)$(MAKECMDGOALS))
$(error paper.mk: what is to be made? fig-1c fig-1d fig-2 to fig-9, figures, tables, report.html, mend)
endif
include $(pipelines)names.mk $(pipelines)recipes.mk
whole-run := $(shell expr $(STEPS) \* $(BATCH))
SHELL = /bin/sh
.DELETE_ON_ERROR:
.SUFFIXES:

# -- how a file is made ------------------------------------------------------------------------------------------------

# $(into) COMMAND $(to): what COMMAND writes goes into $@, unless the contents of $^ are those that it was made of. $(anew):
# whatever they are. With -n and -q the commands alone are shown, and nothing is written.
dry := $(or $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),$(findstring q,$(filter-out --%,$(firstword -$(MAKEFLAGS)))))
P := $(call q,$(pipelines))
into = $(if $(dry),,@exec $(P)into $@ '$^' --)
anew = $(if $(dry),,@exec $(P)into $@ '' --)
to = $(if $(dry),> $@)

spread := $(if $(JOBS)$(HOSTS),$(P)spread$(if $(JOBS), -j $(JOBS))$(if $(HOSTS), -h $(call q,$(call at,$(HOSTS))))$(if $(out), -d $(out).places))
ifneq (,$(spread))
MAKEFLAGS += -j $(shell expr 2 + $$($(spread) -n))
endif
long := hidden-dump qlora-heal eval-c4 eval-mmlu eval-boolq
tool = $(if $(filter $(long),$1),$(addsuffix $(space),$(strip $(spread) $(call qs,$(RUN)))))$(or $(call qs,$(STAGE_$1)),$1)

# What a file hangs on besides other files: is.STAMP, as `stamp` takes it. Stamps are looked at in every make, and only a
# change makes them newer. With -n nothing is written: what has changed counts as made.
stamp = $(foreach t,$1,$(out).stamp/$t)
kept = $(foreach t,$2,$1/.stamp/$t)
scripts := rows series series.awk panels.gp curves.gp angle.gp table report
options.eval-c4 = $(C4_DOCS)
options.eval-mmlu = $(QUESTIONS)
options.eval-boolq = $(BOOLQ_QUESTIONS)
$(foreach t,$(stages),$(eval is.$(call stamp,$t) = '$(options.$t)' tool $t $$(call qs,$$(STAGE_$t))))
$(foreach f,$(scripts),$(eval is.$(call stamp,$f) = '' files $$(P)$f))
$(foreach d,TEXT VALID,$(eval is.$(call stamp,$d) = '' files $$(call files,$d)))
$(foreach d,MMLU BOOLQ,$(eval is.$(call stamp,$d) = '' questions $$(call files,$d)))

# -- models ------------------------------------------------------------------------------------------------------------

$(foreach m,$(names),$(eval len.$m := $(call recipe-length,$(notdir $m))) \
	$(eval rank.$m := $(call recipe-rank,$(notdir $m))) $(eval lr.$m := $(call recipe-rate,$(notdir $m))))

train = $1/train-l$(len.$1)-n$(HEAL_DOCS)
valid = $1/valid-l$(len.$1)-n$(VALID_DOCS)
# What else makes a healed model than its name's own numbers, where it is not as usual.
extra := $(if $(filter-out 16,$(BATCH)),-b$(BATCH))$(if $(filter-out $(whole-run),$(HEAL_DOCS)),-d$(HEAL_DOCS))$(heal.name)
# $(call sweep,MODEL,RULE); $(call healed,MODEL,RULE,N,RANK,SEED)
sweep = $1/$2-all
healed = $1/$2-n$3-r$4-lr$(lr.$1)-t$(STEPS)-s$5$(extra)
all-healed = $(foreach n,$(call widths,$1),$(call healed,$1,$2,$n,$3,$4))
own-healed = $(call all-healed,$1,$2,$(rank.$1),0)

# Asked of the model once. Of one that another rule fetches, or while tools are still to be built (`later`), nothing is known.
later ?=
programs := $(foreach t,$(stages),$(or $(firstword $(STAGE_$t)),$t)) $(firstword $(RUN)) rec-cat rec-make $(if $(spread),parallel)
absent := $(shell PATH=$(PATH.q); for p in $(call qs,$(programs)); do command -v "$$p" >/dev/null || printf '%s\n' "$$p"; done)
$(foreach p,$(filter-out $(notdir $(later)),$(absent)),$(call refuse,$p: no such program on PATH))
is-later = $(or $(absent),$(if $(filter $1,$(later)),$(if $(call is-there,$1),,1)))
identity = PATH=$(PATH.q) $(P)identity $(if $(dry),-n) -c $1/.stamp/model.seen model $(call q,$(path.$1))
known = $(if $(filter 0,$(.SHELLSTATUS)),$(firstword $1),$(call refuse,MODELS: $1$(if $(word 2,$(MODELS)), (names stand apart by blanks))))
layers = $(or $(layers.$1),$(eval layers.$1 := $(call known,$(shell $(identity) 2>/dev/null || $(identity) 2>&1 >/dev/null)))$(layers.$1))
widths = $(or $(NS),$(shell seq 7 | LC_ALL=C awk '{ n = int($(call layers,$1) * $$1 / 10 + 0.5) } n > 0 && n < $(call layers,$1) { print n }' | uniq))
too-wide = $(shell for n in $(NS); do [ $$n -lt $(call layers,$1) ] || echo $$n; done)
$(foreach m,$(names),$(if $(call is-later,$(path.$m)),,$(foreach n,$(call too-wide,$m),$(call refuse,NS=$n: \
	$(notdir $m) has $(call layers,$m) layers))))

$(foreach m,$(names), \
	$(eval is.$(call kept,$m,model) = '' model $$(call q,$$(path.$m))) \
	$(eval is.$(call kept,$m,path) = $$(call q,$$(path.$m))) \
	$(eval is.$(call kept,$m,train) = $(notdir $(call train,$m))) \
	$(eval is.$(call kept,$m,valid) = $(notdir $(call valid,$m))))

# Parts are of what is there when they are made: `part` counts.
ks := $(if $(filter-out 1,$(SPLIT)),$(foreach k,$(shell seq $(SPLIT)),$kof$(SPLIT)))
count = $(if $1, --limit $1)

$(names):
	mkdir -p $@

# $(call of-score,STEM,TOOL,OPTIONS,KIND,DATA,LIMIT,STAMPS AND FILES): STEM.score of a model, whole or from parts. DATA is a word
# or a call that is expanded in the recipe.
define of-score
.PRECIOUS: $1.score
$(if $(ks),$1.score: $(foreach k,$(ks),$1-$k.score)
	$$(into) $2 -q --merge $$^ $$(to)
,$1.score: $(word 1,$(subst %,% ,$1)).model $7 $(call stamp,$2)
	$$(into) $$(call tool,$2) $(strip $3$(call count,$6)) $5 < $$< $$(to)
)
$(foreach k,$(ks),
$1-$k.score: $(word 1,$(subst %,% ,$1)).model $7 $(call stamp,$2)
	$$(into) $(P)part $k '$6' $4 $5 -- $$(call tool,$2) $(strip $3 PART) $5 < $$< $$(to)
)
endef

define of-model
$(call train,$1).tokens: $(call stamp,TEXT c4-tokenize) $(call kept,$1,model) | $1
	$$(into) $$(call tool,c4-tokenize) -m $$(call q,$$(path.$1)) -l $(len.$1) --sample $(HEAL_DOCS) $$(call files,TEXT) $$(to)

$(call valid,$1).tokens: $(call stamp,VALID c4-tokenize) $(call kept,$1,model) | $1
	$$(into) $$(call tool,c4-tokenize) -m $$(call q,$$(path.$1)) -l $(len.$1) --sample $(VALID_DOCS) $$(call files,VALID) $$(to)

$(if $(ks),$(call valid,$1).hidden: $(ks:%=$(call valid,$1)-%.hidden)
	$$(into) cat $$^ $$(to)
,$(call valid,$1).hidden: $(call valid,$1).tokens $(call kept,$1,model) $(call stamp,hidden-dump)
	$$(into) $$(call tool,hidden-dump) -m $$(call q,$$(path.$1)) $$< $$(to)
)
$(foreach k,$(ks),
$(call valid,$1)-$k.hidden: $(call valid,$1).tokens $(call kept,$1,model) $(call stamp,hidden-dump)
	$$(into) $(P)part $k '' hidden $$< -- $$(call tool,hidden-dump) -m $$(call q,$$(path.$1)) PART $$< $$(to)
)

$(call valid,$1).angle: $(call valid,$1).hidden $(call stamp,angdist)
	$$(into) $$(call tool,angdist) $$< $$(to)

$1/similarity-n%.block: $(call valid,$1).angle $(call kept,$1,valid) $(call stamp,argmin-block)
	$$(into) $$(call tool,argmin-block) -n $$* $$< $$(to)

$1/simple-n%.block: $(call kept,$1,model) $(call stamp,argmin-block) | $1
	$$(into) $$(call tool,argmin-block) --simple -n $$* -m $$(call q,$$(path.$1)) $$(to)

$1/similarity-all.block: $1/similarity-n0.block $(call valid,$1).angle
	$$(into) sh -c 'cat $$< && exec "$$$$@"' - $$(call tool,argmin-block) -n all $(call valid,$1).angle $$(to)

$1/simple-all.block: $1/simple-n0.block
	$$(into) sh -c 'cat $$< && exec "$$$$@"' - $$(call tool,argmin-block) --simple -n all -m $$(call q,$$(path.$1)) $$(to)

$1/%.model: $1/%.block $(call kept,$1,path) $(call stamp,drop-layers)
	$$(into) $$(call tool,drop-layers) -m $$(call q,$$(path.$1)) $$< $$(to)

# Kept, though make sees them as steps on the way. (.SECONDARY would keep them too, but not make a missing one that a
# newer list asks for.)
.PRECIOUS: $1/similarity-n%.block $1/simple-n%.block $1/%.model

$1/%-all.block.tsv: $1/%-all.block
	$$(anew) rec-cat -t n,l,mean $$< $$(to)

$1/angle.tsv: $(call valid,$1).angle
	$$(anew) rec-cat -t n,l,mean $$< $$(to)
endef

# An interrupted healing goes on where it was, a whole one says its record again. One that was begun with other tokens or
# another model is refused by qlora-heal, and stays.
define of-healing
.PRECIOUS: $1/%-r$2-lr$(lr.$1)-t$(STEPS)-s$3$(extra).model
$1/%-r$2-lr$(lr.$1)-t$(STEPS)-s$3$(extra).model: $1/%.model $(call train,$1).tokens $(call kept,$1,path train) $(call stamp,qlora-heal)
	$$(into) $$(call tool,qlora-heal) $$(addsuffix $$(space),$$(strip $$(call qs,$$(HEAL))))--rank=$2 --lr=$(lr.$1) --steps=$(STEPS) \
		--batch=$(BATCH) -s $3 --resume -o $$(@:.model=.adapter) $(call train,$1).tokens < $$< $$(to)
endef

mmlu-score = $(call of-score,%.mmlu-k$1,eval-mmlu,-k $2,mmlu,$$(call files,MMLU),$(QUESTIONS),$(call stamp,MMLU))

$(foreach m,$(names),$(eval $(call of-model,$m)))
$(foreach m,$(names),$(eval $(call of-score,$m/%.c4,eval-c4,,c4,$(call valid,$m).tokens,$(C4_DOCS),$(call valid,$m).tokens $(call kept,$m,valid))))
$(foreach m,$(names),$(foreach r,$(sort $(rank.$m) $(RANKS)),$(foreach s,$(sort 0 $(SEEDS)),$(eval $(call of-healing,$m,$r,$s)))))
$(foreach k,$(sort $(SHOTS) $(SHOT_COUNTS)),$(eval $(call mmlu-score,$k,$k)))
$(foreach o,$(ORDERS),$(eval $(call mmlu-score,$(SHOTS)-o$o,$(SHOTS) --order-seed $o)))
$(eval $(call of-score,%.boolq-k0,eval-boolq,-k 0,boolq,$$(call files,BOOLQ),$(BOOLQ_QUESTIONS),$(call stamp,BOOLQ)))

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
scores-of = $(foreach m,$2,$(call $1.of,$m))

each := fig-1c fig-1d fig-4 fig-5 fig-7 fig-8
together := fig-2 fig-3 fig-6 fig-9
drawn := fig-1d fig-5 fig-7 fig-8 $(together)
pictures = $1.svg $1.png
$(foreach f,$(filter-out $(each) $(together),$(REPORT)),$(call refuse,REPORT: $f: no such figure: $(each) $(together)))

# What the goals ask for must be given, and there.
goals := $(MAKECMDGOALS)
goal-figures := $(foreach f,$(each) $(together),$(if $(filter figures $f $f.% %/$f.svg %/$f.png %/$f.tsv,$(goals)),$f)) \
	$(if $(filter report.html %report.html report.tsv %report.tsv demo,$(goals)),$(REPORT)) $(if $(filter tables %table.txt demo,$(goals)),fig-1d)
wanted := $(goals) $(foreach f,$(goal-figures),$f $(call scores-of,$f,$(names)))
needs := $(if $(names),,MODELS) $(if $(or $(findstring fig-,$(wanted)),$(findstring similarity-,$(wanted)),$(findstring valid-,$(wanted))),VALID) \
	$(if $(or $(findstring -lr,$(wanted)),$(findstring train-,$(wanted))),TEXT) $(if $(findstring .mmlu-,$(wanted)),MMLU) \
	$(if $(findstring .boolq-,$(wanted)),BOOLQ)
$(foreach v,$(needs),$(if $($v),,$(call refuse,$v= is not given)) \
	$(foreach f,$(if $(filter MODELS,$v),,$(call paths,$($v))),$(if $(filter $f,$(later)),,$(if $(call is-there,$f),,$(call refuse,$v: $f: no \
	such file (names stand apart by blanks))))))
$(foreach p,$(shell PATH=$(PATH.q); $(if $(goal-figures),command -v gnuplot >/dev/null || echo gnuplot)),$(call refuse,$p: no such program on PATH))

.PHONY: figures tables mend $(each) $(together)
figures: $(each) $(together)
$(foreach f,$(each),$(eval $f: $(foreach m,$(names),$(call pictures,$m/$f))))
$(foreach f,$(together),$(eval $f: $(call pictures,$(out)$f)))

# $(call of-figure,FIGURE,FOLDER/,MODELS)
define of-figure
is.$2.stamp/$1 = '$(call scores-of,$1,$3)'
$2$1.tsv: $(call scores-of,$1,$3) $2.stamp/$1 $(call stamp,rows series series.awk)
	$$(anew) $(P)series $1 $$(filter %.score,$$^) $$(to)

$(call pictures,$2$1): $2$1.tsv $(call stamp,panels.gp)
	$$(anew) gnuplot -d -e "type = '$$(patsubst .%,%,$$(suffix $$@))'; data = '$$<'" $(P)panels.gp $$(to)
endef
define of-angles
$(call pictures,$1/$2): $1/angle.tsv $1/similarity-all.block.tsv $(call stamp,$3)
	$$(anew) gnuplot -d -e "type = '$$(patsubst .%,%,$$(suffix $$@))'; angles = '$1/angle.tsv'; blocks = '$1/similarity-all.block.tsv'" \
		$(P)$3 $$(to)
endef
$(foreach m,$(names),$(eval $(call of-angles,$m,fig-1c,curves.gp)) $(eval $(call of-angles,$m,fig-4,angle.gp)))
$(foreach f,$(filter $(each),$(drawn)),$(foreach m,$(names),$(eval $(call of-figure,$f,$m/,$m))))
$(foreach f,$(together),$(eval $(call of-figure,$f,$(out),$(names))))

# Parts are kept, but not made again where what they are for is there. (.SECONDARY of nothing would mean everything.)
parts := $(if $(ks),$(foreach m,$(names),$(ks:%=$(call valid,$m)-%.hidden) \
	$(foreach s,$(sort $(foreach f,$(drawn),$(call $f.of,$m))),$(ks:%=$(s:.score=-%.score)))))
ifneq (,$(strip $(parts)))
.SECONDARY: $(parts)
endif

# -- tables, the report --------------------------------------------------------------------------------------------------

tables: $(names:%=%/table.txt)
	@cat $^

$(foreach m,$(names),$(eval is.$(call kept,$m,table) = '$(call fig-1d.of,$m)') \
	$(eval $m/table.txt: $(call fig-1d.of,$m) $(call kept,$m,table)))
$(names:%=%/table.txt): $(call stamp,table)
	$(anew) $(P)table $(filter %.score,$^) $(to)

# The scores of figure 1d come first: the tables show these, where others have the same task and width.
report.all := $(sort $(foreach f,$(filter $(drawn),$(REPORT)),$(call scores-of,$f,$(names))))
report.first := $(sort $(call scores-of,fig-1d,$(names)))
report.scores := $(filter $(report.all),$(report.first)) $(filter-out $(report.first),$(report.all))
report.pictures := $(foreach m,$(names),$(patsubst %,$m/%.svg,$(filter $(each),$(REPORT)))) \
	$(patsubst %,$(out)%.svg,$(filter $(together),$(REPORT)))
report = $(out)report.html
is.$(call stamp,report.list) = $(call quote,$(report.scores) $(report.pictures) $(foreach m,$(names),$(path.$m)))

$(out)report.tsv: $(report.scores) $(call stamp,rows report.list)
	$(anew) $(P)rows $(filter %.score,$^) $(to)

$(report): $(out)report.tsv $(report.pictures) $(foreach m,$(names),$m/similarity-all.block) $(call stamp,report report.list)
	$(anew) $(P)report $< $(foreach m,$(names),-m $m $(call q,$(path.$m))) $(report.pictures:%=-p %) $(report.scores) $(to)

mend:
	$(P)mend $(names)

# -- stamps --------------------------------------------------------------------------------------------------------------

FORCE:
.PHONY: FORCE
stamps := $(patsubst is.%,%,$(filter is.%,$(.VARIABLES)))
ifeq (,$(dry))
$(stamps): FORCE
	@$(P)stamp $@ $(is.$@)
else
changed := $(foreach s,$(stamps),$(shell PATH=$(PATH.q) $(P)stamp -n $s $(is.$s)))
ifneq (,$(changed))
$(changed): FORCE
	$(empty)
endif
endif
