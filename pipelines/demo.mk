# The demo: paper.mk on a real model, with a text, questions and sizes that two cores finish in minutes, in out/demo. The
# Makefile includes this where one of its targets is asked for.
#
#   make demo        fetches the model and the text, and makes a table, figures 1d and 4, and report.html
#   make -n demo     shows the commands
#
# MODEL=FOLDER-or-GGUF, TEXT=, VALID= (C4 files), MMLU= (a folder or its tar file), BOOLQ= (JSON lines): not the demo's own;
# every variable of paper.mk can be given too: NS='2 4', STEPS=100.

include pipelines/env.mk
$(call own,MODEL)

DEMO = pipelines/demo
OUT = $(O)/demo/
MODELS = $(if $(MODEL),$(abspath $(MODEL)),smollm2=$(SMOLLM))
TEXT = $(OUT)austen-train.json.gz
VALID = $(OUT)austen-valid.json.gz
MMLU = $(DEMO)/mmlu
BOOLQ = $(DEMO)/boolq.jsonl

NS = 8
LEN = 256
VALID_DOCS = 48
HEAL_DOCS = 192
C4_DOCS = 24
STEPS = 12
LR = 1e-3
RANK = 32
RANKS = $(RANK)
REPORT = fig-1d fig-4

export PATH := $(abspath $(O)/bin):$(PATH)
# What is made before it is looked at: the tools, the model, the text.
later = $(BIN) $(SMOLLM) $(OUT)austen-train.json.gz $(OUT)austen-valid.json.gz
readers = $(MAKEFILE_LIST) pipelines/recipes.mk pipelines/data.mk
include pipelines/paper.mk

demo: $(names:%=%/table.txt) fig-1d fig-4 $(report)
	@cat $<

# The tools, the model and the text, before anything asks what they are.
$(stamps): | $(BIN)
$(names:%=%/.stamp/model): | $(filter $(SMOLLM),$(foreach m,$(names),$(path.$m)))
$(OUT).stamp/TEXT: | $(filter $(later),$(TEXT))
$(OUT).stamp/VALID: | $(filter $(later),$(VALID))

# The text: Jane Austen's novels, as a Debian package for R carries them. Five are to heal on, the sixth to measure on.
$(OUT)austen-train.json.gz: $(OUT)austen.rdb
	$(anew) $(DEMO)/prose $< emma mansfield_park persuasion pride_and_prejudice sense_and_sensibility $(to)
$(OUT)austen-valid.json.gz: $(OUT)austen.rdb
	$(anew) $(DEMO)/prose $< northanger_abbey $(to)
$(OUT)austen.rdb:
	$(DEMO)/novels $@
