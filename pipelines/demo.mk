# The demo: paper.mk on a real model, with a text, questions and sizes that two cores finish in minutes, in out/demo. The
# Makefile includes this where one of its targets is asked for.
#
#   make demo        fetches the model and the text, and makes a table, figures 1d and 4, and report.html
#   make -n demo     shows the commands
#
# Its settings are in pipelines/demo/settings. MODEL=FOLDER-or-GGUF, TEXT=, VALID= (C4 files), MMLU= (a folder or its tar file),
# BOOLQ= (JSON lines): not the demo's own; every setting of paper.mk can be given too: NS='2 4', STEPS=100.

DEMO = pipelines/demo
MODEL =
MODELS = $(if $(MODEL),$(abspath $(MODEL)),smollm2=$(SMOLLM))
TEXT = $(O)/demo/austen-train.json.gz
VALID = $(O)/demo/austen-valid.json.gz
MMLU = $(DEMO)/mmlu
BOOLQ = $(DEMO)/boolq.jsonl

# What is asked for is one run, by a make of its own: the tools, the model and the text are there when it looks at them. It gets
# the variables of the command line that no make file here reads.
asked := $(filter demo tables mend figures fig-% $(O)/demo/%,$(filter-out $(O)/demo/austen%,$(MAKECMDGOALS)))
targets := $(filter-out demo,$(asked)) $(if $(filter demo,$(asked)),fig-1d fig-4 $(O)/demo/report.html tables)
ours := MODEL $(shell grep -oh '$$([A-Z_]*[:)]' Makefile pipelines/data.mk | tr -d '$$(:)')
quote = '$(subst ','\'',$1)'
given := $(foreach v,$(filter-out $(ours),$(.VARIABLES)),$(if $(filter command,$(firstword $(origin $v))),$(call quote,$v=$(value $v))))
fetched = $(SMOLLM) $(O)/demo/austen-train.json.gz $(O)/demo/austen-valid.json.gz
MAKEOVERRIDES =

.PHONY: demo demo-run $(filter-out $(O)/demo/%,$(asked))
demo: demo-run
	@echo "demo: pictures and tables are on one page, $(O)/demo/report.html"
$(filter-out demo,$(asked)): demo-run ;
demo-run: $(BIN) $(filter $(fetched),$(MODELS:smollm2=%=%) $(TEXT) $(VALID))
	+@PATH=$(abspath $(O)/bin):"$$PATH" $(MAKE) --no-print-directory -f pipelines/paper.mk SETTINGS=$(DEMO)/settings OUT=$(O)/demo \
		LATER='$(TOOLS) $(fetched)' $(foreach v,MODELS TEXT VALID MMLU BOOLQ,$(call quote,$v=$($v))) $(given) $(targets)

# The text: Jane Austen's novels, as a Debian package for R carries them. Five are to heal on, the sixth to measure on.
$(O)/demo/austen-train.json.gz: $(O)/demo/austen.rdb
	$(DEMO)/prose $< emma mansfield_park persuasion pride_and_prejudice sense_and_sensibility > $@.part
	mv $@.part $@
$(O)/demo/austen-valid.json.gz: $(O)/demo/austen.rdb
	$(DEMO)/prose $< northanger_abbey > $@.part
	mv $@.part $@
$(O)/demo/austen.rdb:
	$(DEMO)/novels $@
