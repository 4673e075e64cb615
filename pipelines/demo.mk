# demo.mk runs paper.mk on a real model, with a text, questions and sizes that two cores finish in
# minutes, in out/demo. The Makefile includes it for its targets:
#
#   make demo      fetches the model and the text, makes figures 1d and 4, report.html and a table
#   make -n demo   shows the commands
#
# The run's settings are in pipelines/demo/settings. Others can be given: MODEL= a folder or GGUF
# file, TEXT= and VALID= files of C4, TASKS= questions, MMLU= a folder or tar file, BOOLQ= JSON
# lines, and every setting of paper.mk, NS='2 4' STEPS=100.

DEMO = pipelines/demo
MODEL =
MODELS = $(if $(MODEL),$(abspath $(MODEL)),smollm2=$(SMOLLM))
TEXT = $(O)/demo/austen-train.json.gz
VALID = $(O)/demo/austen-valid.json.gz
TASKS = easy=$(DEMO)/easy.jsonl

# All targets are made by one call of paper.mk, once the tools, the model and the text are there. It
# gets the variables of the command line that no make file here reads.
asked := $(filter demo tables mend figures fig-% $(O)/demo/%,$(MAKECMDGOALS))
asked := $(filter-out $(O)/demo/austen%,$(asked))
all := fig-1d fig-4 $(O)/demo/report.html tables
targets := $(filter-out demo,$(asked)) $(if $(filter demo,$(asked)),$(all))

quote = '$(subst ','\'',$1)'
is-given = $(filter command,$(firstword $(origin $1)))
ours := MODEL $(shell grep -oh '$$([A-Z_]*[:)]' Makefile pipelines/data.mk | tr -d '$$(:)')
names := $(filter-out $(ours),$(.VARIABLES))
given := $(foreach v,$(names),$(if $(call is-given,$v),$(call quote,$v=$(value $v))))
given += $(foreach v,MODELS TEXT VALID TASKS,$(call quote,$v=$($v)))
given += OUT=$(O)/demo SETTINGS=$(DEMO)/settings
MAKEOVERRIDES =

# These need not be there yet with -n.
fetched = $(SMOLLM) $(O)/demo/austen-train.json.gz $(O)/demo/austen-valid.json.gz
given += LATER='$(TOOLS) $(fetched)'

.PHONY: demo demo-run $(filter-out $(O)/demo/%,$(asked))
demo: demo-run
	@echo; pipelines/seen $(O)/demo/report.tsv; echo
	@echo 'The page: $(O)/demo/report.html, with all tables and pictures. The pictures:'
	@ls -d $(O)/demo/*/fig-*.svg | sed 's/^/  /'
$(filter-out demo,$(asked)): demo-run ;
demo-run: $(BIN) $(filter $(fetched),$(patsubst smollm2=%,%,$(MODELS)) $(TEXT) $(VALID))
	+@PATH=$(abspath $(O)/bin):"$$PATH" $(MAKE) --no-print-directory -f pipelines/paper.mk \
		$(given) $(targets)

# The text: Jane Austen's novels, as a Debian package for R carries them. Five are to heal on, the
# sixth to measure on.
$(O)/demo/austen-train.json.gz: $(O)/demo/austen.rdb
	$(DEMO)/prose $< emma mansfield_park persuasion pride_and_prejudice sense_and_sensibility > $@.part
	mv $@.part $@
$(O)/demo/austen-valid.json.gz: $(O)/demo/austen.rdb
	$(DEMO)/prose $< northanger_abbey > $@.part
	mv $@.part $@
$(O)/demo/austen.rdb:
	$(DEMO)/novels $@
