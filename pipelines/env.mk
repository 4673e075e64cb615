# What env.sh does for scripts, for recipes. paper.mk and data.mk include it; env.sh says what goes and why.
#
# $(call own,VARIABLES): those that the environment has set, and not the command line or a make file, are as if unset. Many
# have names that others use too (torchrun sets RANK).
env.sh := $(dir $(lastword $(MAKEFILE_LIST)))env.sh
export LC_ALL = C
unexport $(shell . '$(subst ','\'',$(env.sh))'; echo $$gone)
own = $(foreach v,$1,$(if $(filter environment,$(origin $v)),$(eval undefine $v)))
