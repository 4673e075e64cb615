# The recipes of the paper's seven models (appendix A), and the rule for others. paper.mk includes this.
#
#     name          length  rank  rate
recipes = \
	llama-2-7b:   2048:   2:    3e-4 \
	llama-2-13b:  4096:   64:   3e-4 \
	llama-2-70b:  4096:   8:    3e-5 \
	qwen-7b:      2048:   64:   3e-4 \
	qwen-14b:     4096:   64:   3e-4 \
	mistral-7b:   2048:   4:    3e-6 \
	phi-2:        2048:   64:   2e-4 \

# Where the paper says two things, the table of its appendix stands above:
#   rate of Llama-2-70B   table: 3e-5; text of A.1: 3e-4 for all but Phi-2 and Mistral
#   rate of Phi-2         table: 2e-4; text of A.1: 3e-5
#   ranks but 64          table and B.3: three models; text of A.1: "two exceptions"
#   shots of MMLU         figure 2, 4.1, figure 9: 5 (here too); A.2: 0
#   figure 3              caption: left before healing, right after (here too); text of 4.2: the reverse
#   the simple rule       "(L-n) to (L-1)", of layers that the paper elsewhere numbers from 0: here L-1-n .. L-2, from 0
#
# Another model has length 2048, or 4096 if its name says 13B or more (such as model-13b); rank 64; rate 3e-4.
#
# A model is one of the table if its folder's name has that name in it, in any case: Llama-2-7b-hf. LEN=, RANK= and LR= on
# the command line override what is said here for all models.

empty :=
lower = $(shell echo '$1' | LC_ALL=C tr A-Z a-z)
# $(call recipe-words,NAME): the words of its line, or nothing
recipe-words = $(firstword $(foreach r,$(subst :$(empty) ,:,$(strip $(recipes))),$(if $(findstring $(firstword \
	$(subst :, ,$r)),$(call lower,$1)),$r)))
recipe-field = $(or $(word $1,$(subst :, ,$(call recipe-words,$2))),$3)
# At least 13 in "...13b...": a number of billions in the name
is-large = $(shell echo '$(call lower,$1)' | grep -oE '[0-9]+(\.[0-9]+)?b' | head -1 | LC_ALL=C awk '$$1 + 0 >= 13 { print 1 }')

recipe-length = $(or $(LEN),$(call recipe-field,2,$1,$(if $(call is-large,$1),4096,2048)))
recipe-rank = $(or $(RANK),$(call recipe-field,3,$1,64))
recipe-rate = $(or $(LR),$(call recipe-field,4,$1,3e-4))
