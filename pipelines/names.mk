# What is given to paper.mk, looked at before anything is run, so that what is wrong is one line at once; and how names go
# through make and the shell. paper.mk includes this.
#
# Lists stand apart by blanks, so that no path has one: a link without blanks leads there. All other characters may stand in
# the paths of models and data, which reach the shell quoted and are never names of make's own. A model's name becomes a
# folder's, and part of figures: NAME=PATH gives it another where it has a character that make, the shell or gnuplot reads.

# What is read, by kind: numbers from 1 and from 0, lists that stand apart by blanks, single words, commands.
given.number := VALID_DOCS C4_DOCS STEPS BATCH HEAL_DOCS QUESTIONS BOOLQ_QUESTIONS LEN RANK JOBS SPLIT NS RANKS
given.number0 := SHOTS SHOT_COUNTS ORDERS SEEDS
given.list := $(given.number) $(given.number0) MODELS TEXT VALID MMLU BOOLQ HEAL REPORT
given.one := $(filter-out NS RANKS SHOT_COUNTS ORDERS SEEDS,$(given.number) $(given.number0)) LR OUT HOSTS
given.command := RUN $(stages:%=STAGE_%)
given := $(sort $(given.list) $(given.one) $(given.command))

refuse = $(error paper.mk: $(strip $1))
empty :=
space := $(empty) $(empty)
comma := ,
open := (
close := )

# -- variables -------------------------------------------------------------------------------------------------------------

# A make file that has $(STEPS) or $(STEPS:... in it reads STEPS.
readers ?= $(MAKEFILE_LIST) $(pipelines)recipes.mk
text := $(foreach f,$(readers),$(file <$f))
from-outside = $(filter command environment,$(firstword $(origin $1)))
read-somewhere = $(or $(filter $1,$(given)),$(findstring $$$(open)$1$(close),$(text)),$(findstring $$$(open)$1:,$(text)))
$(foreach v,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $v))),$(if $(call read-somewhere,$v),,$(call refuse,$v=: no \
	variable that is read here$(if $(filter $v%,$(given)),: is it $(firstword $(filter $v%,$(given)))=?)))))

# Before it is expanded: a name that make would read is no name.
$(foreach v,$(given),$(if $(call from-outside,$v),$(if $(findstring $$,$(value $v)),$(call refuse,$v=$(value $v): has a dollar sign))))
$(foreach v,$(given.one),$(if $(word 2,$($v)),$(call refuse,$v=$(value $v): one word is wanted: it has a blank)))

# -- characters ------------------------------------------------------------------------------------------------------------

# What the shell reads, and what make or gnuplot read besides.
odd.shell := \# & ' " ` ( ) * ; < > ? [ { | } ~ ! \$(empty)
odd.name := $(odd.shell) ] % : = ^ $(shell printf '\1 \2 \3 \4 \5 \6 \7 \10 \16 \17 \20 \21 \22 \23 \24 \25 \26 \27 \30 \31 \32 \33 \34 \35 \36 \37 \177')
in-it = $(strip $(foreach c,$1,$(findstring $c,$2)))
# $(call q,WORD): as the shell takes it, WORD itself
quote = '$(subst ','\'',$1)'
q = $(if $(call in-it,$(odd.shell),$1),$(quote),$1)
qs = $(foreach w,$1,$(call q,$w))
PATH.q = $(call quote,$(PATH))

# -- numbers ---------------------------------------------------------------------------------------------------------------

# Whole numbers have at most nine digits, and no 0 before others.
numbers := $(foreach v,$(given.number) $(given.number0) LR,$(foreach n,$($v),$(call quote,$v=$n)))
no-numbers := $(shell printf '%s\n' $(numbers) | LC_ALL=C grep -avxE \
	'[A-Z0-9_]+=(0|[1-9][0-9]{0,8})|LR=([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?')
$(foreach n,$(no-numbers),$(call refuse,$n: is no $(if $(filter LR=%,$n),number,whole number below 10^9)))
$(foreach v,$(given.number),$(if $(filter 0,$($v)),$(call refuse,$v=0: at least 1 is wanted)))
$(foreach v,VALID_DOCS C4_DOCS STEPS BATCH SHOTS,$(if $(strip $($v)),,$(call refuse,$v=: a number is wanted)))

# -- paths -----------------------------------------------------------------------------------------------------------------

# $(call paths,LIST): as the tools take them. What is no file's name, but has * or ? or [ in it, stands for the files that match.
at = $(patsubst -%,./-%,$(patsubst ~/%,$(HOME)/%,$1))
is-there = $(shell [ ! -e $(call q,$1) ] || echo 1)
paths = $(foreach p,$(call at,$1),$(if $(call in-it,* ? [,$p),$(if $(call is-there,$p),$p,$(or $(sort $(wildcard $p)),$p)),$p))
files = $(call qs,$(call paths,$($1)))

ifneq (,$(call in-it,$(odd.name),$(OUT))$(filter -%,$(OUT)))
$(call refuse,OUT=$(OUT): has a character that make or the shell reads)
endif
out := $(if $(strip $(OUT)),$(patsubst %/,%,$(strip $(OUT)))/)
ifneq (,$(HOSTS))
ifeq (,$(call is-there,$(call at,$(HOSTS))))
$(call refuse,HOSTS=$(HOSTS): no such file)
endif
endif

# -- models ----------------------------------------------------------------------------------------------------------------

# PATH, or NAME=PATH, where NAME has no slash. The name is the last part of PATH, without .gguf; of a folder in the hub's cache,
# .../models--ORG--NAME/snapshots/HASH, NAME.
before = $(firstword $(subst =, ,$1))
is-named = $(if $(findstring /,$(before)),,$(findstring :$(before)=,:$1))
path-of = $(call at,$(if $(is-named),$(patsubst :$(before)=%,%,:$1),$1))
base = $(notdir $(patsubst %/,%,$1))
above = $(patsubst %/,%,$(dir $(patsubst %/,%,$1)))
hub-name = $(if $(filter models--%,$1),$(lastword $(subst --, ,$1)))
in-hub = $(if $(filter snapshots,$(call base,$(call above,$1))),$(call hub-name,$(call base,$(call above,$(call above,$1)))))
whole = $(if $(filter /%,$1),$1,$(lastword $(abspath $1)))
own-name = $(or $(call in-hub,$(call whole,$1)),$(call hub-name,$(call base,$1)),$(patsubst %.gguf,%,$(call base,$1)))
short-name = $(if $(is-named),$(before),$(call own-name,$(call at,$1)))

taken := .% -% fig-% figures tables report.% mend demo FORCE
check-name = $(if $2,,$(call refuse,MODELS: $1: has no name: give it one as NAME=PATH))$(if $(or $(call \
	in-it,$(odd.name),$2),$(filter $(taken),$2)),$(call refuse,MODELS: $1: can't be called $2 here: give it another name as NAME=PATH))
$(foreach m,$(MODELS),$(call check-name,$m,$(call short-name,$m)))
names := $(foreach m,$(MODELS),$(out)$(call short-name,$m))
$(foreach n,$(names),$(if $(word 2,$(filter $n,$(names))),$(call refuse,MODELS: two are called $(notdir $n): give one another name as NAME=PATH)))
seen :=
$(foreach m,$(MODELS),$(eval seen += x)$(eval path.$(out)$(call short-name,$m) = $$(call path-of,$$(word $(words $(seen)),$$(MODELS)))))

# -- options of the healing ------------------------------------------------------------------------------------------------

# Those that change no result, and those that paper.mk gives. Others decide: they are in the healed model's name.
heal.free := -q -v -j% --quiet --verbose --threads=% --micro=% --memory=% --save=% --stop-after=%
heal.ours := -h -s% -o% -m% --help --version --seed% --output% --model% --resume --init% --base% --adapter% --rank% --lr% --steps% --batch%
$(foreach o,$(HEAL),$(if $(filter -%,$o),,$(call refuse,HEAL: $o: is no option: options are written --option=value)) \
	$(if $(filter $(heal.ours),$o),$(call refuse,HEAL: $o: is paper.mk's own (RANK= LR= STEPS= BATCH= SEEDS=))) \
	$(if $(or $(filter $(heal.free),$o),$(if $(filter --%,$o),$(findstring =,$o))),,$(call refuse,HEAL: $o: options are written --option=value)))
heal.keys := $(foreach o,$(filter-out $(heal.free) --ignore=%,$(HEAL)),$(firstword $(subst =, ,$o)))
$(foreach o,$(heal.keys),$(if $(word 2,$(filter $o,$(heal.keys))),$(call refuse,HEAL: $o is given twice)))
decides = $(subst =,,$(patsubst --%,-%,$(if $(call in-it,/ $(filter-out = ^,$(odd.name)),$1),$(firstword $(subst =, ,$1)),$1)))
heal.name := $(subst $(space),,$(foreach o,$(sort $(filter-out $(heal.free),$(HEAL))),$(call decides,$o)))
