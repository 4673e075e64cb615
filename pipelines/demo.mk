# The demo: the whole flow on a real model, in a folder of its own. The Makefile includes this.
#
#   make demo     fetches the model and the text, then follows pipelines/flow.mk in out/demo
#   make model    only fetches the model, for the tests
#   make -n demo  shows the commands
#
# MODEL=FOLDER-or-GGUF, TEXT=, VALID= (C4 files), MMLU= (a folder or its tar file), BOOLQ= (JSON lines): not the demo's own;
# every variable of flow.mk can be given too: N=4, STEPS=100.

DEMO = $(O)/demo
DEMO_MODEL = SmolLM2-135M-Instruct.Q4_1.gguf
in_demo = +@mkdir -p $(DEMO) && PATH="$(abspath $(O)/bin):$$PATH" $(MAKE) --no-print-directory -C $(DEMO) \
	-f $(CURDIR)/pipelines/demo/Makefile

.PHONY: model
demo: all
	$(in_demo) $(foreach v,MODEL TEXT VALID MMLU BOOLQ,$(if $($v),$v='$(abspath $($v))')) demo

model:
	$(in_demo) $(DEMO_MODEL)
