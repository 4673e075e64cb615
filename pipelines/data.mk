# The data of the paper's runs, from where their authors publish them. The Makefile includes this.
#
#   make data DATA=DIR   fetches MMLU, BoolQ and shards of C4 into DIR (out/data)
#   make -n data         shows the commands
#
# Four files come side by side. A host that does not answer is named within ten seconds, and the rest is fetched. What is
# interrupted goes on where it was when it is called again; a file that is there is left alone. All addresses, sums and
# shards below can be given: TRAIN_SHARDS='0 1 2', VALID_SHARDS= for none. pipelines/fetch says how it retries.

DATA = $(O)/data

# C4, the English part: files of some 356,000 documents (300 MB) to heal on, 0 to 1023, and of 45,000 (40 MB) to
# measure on, 0 to 7. The loss is measured on 60,000 (C4_DOCS), which two of these have. Their sizes and sums stand in the
# Git LFS pointers that the same repository shows.
TRAIN_SHARDS ?= 0
VALID_SHARDS ?= 0 1
C4_FILES = https://huggingface.co/datasets/allenai/c4/resolve/main/en
C4_POINTERS = https://huggingface.co/datasets/allenai/c4/raw/main/en

# MMLU: no sum of the tar file is published. This one is that of the list `sha256sum dev/*.csv test/*.csv val/*.csv`,
# 171 files, in the order of the C locale, computed from the copy that coppice's tests read (shared/data/mmlu); the rest
# of the tar file does not count.
MMLU_URL = https://people.eecs.berkeley.edu/~hendrycks/data.tar
MMLU_SUM = 3bf8e5fa16602d62668d027a66866a27cef2ff5e3441b442fa36ca2d578bba96

# BoolQ as in SuperGLUE: the sums of the two files, computed from the tests' copy too (shared/data/boolq).
BOOLQ_URL = https://dl.fbaipublicfiles.com/glue/superglue/data/v2/BoolQ.zip
BOOLQ_TRAIN_SUM = e7fbd9a98074031d987b78c62f6764fd5b2682d575ecdd1681bc3c804ead8a77
BOOLQ_VAL_SUM = db694a4ae738a9f5d684c4a534a6ac187d6fd76838ba71d4fb98d6bdec3175cf

# $(call shards,train,1024,NUMBERS,VARIABLE): their names
shards = $(if $(strip $3),$(or $(shell awk 'BEGIN { \
	for (i = 1; i < ARGC; i++) { if (ARGV[i] !~ /^[0-9]+$$/ || ARGV[i] >= $2) exit; s = s sprintf(" c4-$1.%05d-of-%05d.json.gz", ARGV[i], $2) } \
	print s }' $3),$(error $4 is numbers below $2, and '$3' is not)))
c4_train := $(addprefix $(DATA)/c4/,$(call shards,train,1024,$(TRAIN_SHARDS),TRAIN_SHARDS))
c4_valid := $(addprefix $(DATA)/c4/,$(call shards,validation,8,$(VALID_SHARDS),VALID_SHARDS))

ifneq (,$(filter data,$(MAKECMDGOALS)))
MAKEFLAGS += -k -j 4
export FETCH_BAR = 0
endif

# A line says what is being fetched; V=1 shows the commands.
quiet = $(if $(V),,@)
fetching = $(if $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),,@echo 'fetching $@')

.PHONY: data
data: $(DATA)/mmlu.tar $(DATA)/boolq/train.jsonl $(DATA)/boolq/val.jsonl $(c4_train) $(c4_valid)
	@echo "data: $(DATA) has MMLU, BoolQ and $(words $(c4_train) $(c4_valid)) files of C4; to go through the flow with them:"
	@echo "  make demo MODEL=... TEXT='$(c4_train)' VALID='$(c4_valid)' MMLU=$(DATA)/mmlu.tar BOOLQ=$(DATA)/boolq/val.jsonl"
	@$(if $(word 2,$(c4_valid)),,echo "data: of the 60,000 documents that the loss is measured on, VALID_SHARDS='$(VALID_SHARDS)' has 45,000 or fewer")

$(DATA)/mmlu.tar:
	$(fetching)
	@mkdir -p $(@D)
	$(quiet)pipelines/fetch '$(MMLU_URL)' $@.new
	$(quiet)pipelines/verify $@.new '(dev|test|val)/[^./][^/]*\.csv' $(MMLU_SUM)
	$(quiet)mv $@.new $@

$(DATA)/boolq/train.jsonl $(DATA)/boolq/val.jsonl &:
	$(fetching)
	@mkdir -p $(DATA)/boolq
	$(quiet)pipelines/fetch '$(BOOLQ_URL)' $(DATA)/boolq/BoolQ.zip
	$(quiet)pipelines/verify $(DATA)/boolq/BoolQ.zip 'BoolQ/train\.jsonl' $(BOOLQ_TRAIN_SUM) 'BoolQ/val\.jsonl' $(BOOLQ_VAL_SUM)
	$(quiet)python3 -I -m zipfile -e $(DATA)/boolq/BoolQ.zip $(DATA)/boolq/unpacked
	$(quiet)mv $(DATA)/boolq/unpacked/BoolQ/train.jsonl $(DATA)/boolq/unpacked/BoolQ/val.jsonl $(DATA)/boolq
	$(quiet)rm -r $(DATA)/boolq/unpacked $(DATA)/boolq/BoolQ.zip

# The pointer is fetched each time: it says what the file is now.
$(DATA)/c4/%.json.gz:
	$(fetching)
	@mkdir -p $(@D)
	@rm -f $@.lfs
	$(quiet)pipelines/fetch '$(C4_POINTERS)/$*.json.gz' $@.lfs
	$(quiet)sum=$$(pipelines/lfs $@.lfs) && pipelines/fetch '$(C4_FILES)/$*.json.gz' $@ $$sum
	$(quiet)rm $@.lfs
