# What env.sh does for scripts, for recipes; env.sh says what goes and why.
env.sh := $(dir $(lastword $(MAKEFILE_LIST)))env.sh
export LC_ALL = C
unexport $(shell . '$(subst ','\'',$(env.sh))'; echo $$gone)
