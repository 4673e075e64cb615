# coppice - see README.md
#
#   make            builds the tools into out/bin
#   make check      builds and tests them
#   make demo       the whole method on a real model, into out/demo: pipelines/demo.mk
#   make data       fetches the data of the paper's runs into DATA=DIR: pipelines/data.mk
#   make bench      how fast each job is, beside the machine's limits: tests/bench/run says with what
#   make lint       style and likely mistakes, by the programs that are installed: tests/lint
#   make fuzz       the parsers under any bytes, FUZZ_SECONDS=60 each, by clang's libFuzzer or a driver of our own
#   make portable   compiles what is no backend's for another processor, CC=aarch64-linux-gnu-gcc O=DIR
#   make compile_commands.json    for editors
#   make install    PREFIX=/usr/local DESTDIR=, and make uninstall
#   make deb        a Debian package, out/coppice_VERSION_ARCH.deb
#   make dist       a release, out/coppice-RELEASE.tar.gz, of a commit with its tag
#
# O=DIR puts all that is made elsewhere; SANITIZE=address,undefined builds with sanitizers. A line says what is compiled or
# linked; V=1 shows the commands.
# BACKEND=cuda builds for NVIDIA's devices, with nvcc of CUDA=/usr/local/cuda, into out/cuda; its target kernels prints what
# they take. BACKEND=cuda-emu builds the same sources with g++ and runs their kernels on the processor, slowly: for tests,
# into out/cuda-emu.

TOOLS = c4-tokenize hidden-dump angdist argmin-block drop-layers qlora-heal merge-lora \
	eval-mmlu eval-boolq eval-choice eval-c4 compare-samples model-cost rec-cat rec-make

BACKEND = cpu
O = out$(if $(filter-out cpu,$(BACKEND)),/$(BACKEND))
PREFIX = /usr/local
# The last release, or the coming one where there is none, and what this source is called: see .ci/version.
RELEASE = 0.1
VERSION := $(shell .ci/version $(RELEASE))

CC = gcc
OPT = -O3 -g
ISA_x86_64 = -march=x86-64-v3
ISA_aarch64 = -fsigned-char
ISA := $(ISA_$(firstword $(subst -, ,$(shell $(CC) -dumpmachine))))
OPENMP = -fopenmp
WARN = -Wall -Wextra -Wno-missing-field-initializers -Wmissing-prototypes -Wshadow
CFLAGS = -std=gnu11 $(OPT) $(ISA) -ffp-contract=off $(OPENMP) $(WARN) $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all)
CPPFLAGS = -D_GNU_SOURCE -Ilib $(LIBRARY_CFLAGS)
LDLIBS = $(LIBS_$(BACKEND)) $(LIBRARY_LIBS) -lm

# Libraries, by pkg-config's names; without pkg-config they are where the compiler looks. msgpack-c has two names, oneDNN
# (of lib/cpu) and the backends' own have none.
PKG_CONFIG = pkg-config
PACKAGES := $(shell $(PKG_CONFIG) --exists msgpack-c && echo msgpack-c || echo msgpack) \
	jansson libzstd zlib libpcre2-8 libutf8proc libxxhash libcrypto libarchive
ifneq (,$(shell command -v $(PKG_CONFIG)))
LIBRARY_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
LIBRARY_LIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null)
MISSING = $(shell for p in $(PACKAGES); do $(PKG_CONFIG) --exists $$p || echo $$p; done)
libraries = $(if $(LIBRARY_LIBS),,$(error pkg-config does not know $(MISSING): ./bootstrap installs what is needed))
else
LIBRARY_LIBS = -l$(if $(wildcard /usr/lib/*/libmsgpack-c.so),msgpack-c,msgpackc) \
	-ljansson -lzstd -lz -lpcre2-8 -lutf8proc -lxxhash -lcrypto -larchive
endif

# The backends: lib/cpu is C; lib/cuda-emu stands for a device in place of device* of lib/cuda.
CUDA = /usr/local/cuda
CXX = g++
CXXFLAGS = -std=c++17 $(OPT) $(ISA) -ffp-contract=off -fopenmp -fno-exceptions -fno-rtti -Wall -Wextra \
	-Wno-missing-field-initializers -Wno-unknown-pragmas \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all)
NVCC = $(CUDA)/bin/nvcc
NVCCFLAGS = -std=c++17 -O3 -lineinfo -fmad=false -Werror all-warnings -Xptxas -v,-warn-spills,-warn-lmem-usage \
	-gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=[sm_90,compute_90] \
	-Xcompiler "$(OPT) $(ISA) -fopenmp -Wall -Wextra -Wno-missing-field-initializers"
LIBS_cpu = -ldnnl
LIBS_cuda = -L$(CUDA)/lib64 -Wl,-rpath,$(CUDA)/lib64 -lcublasLt -lcudart -lstdc++
LIBS_cuda-emu = -lstdc++
KERNELS_cpu = $(wildcard lib/cpu/*.c)
KERNELS_cuda = $(wildcard lib/cuda/*.cu)
KERNELS_cuda-emu = $(filter-out lib/cuda/device%,$(wildcard lib/cuda/*.cu)) $(wildcard lib/cuda-emu/*.cu)

# The rooms of lib/, each standing on those before it; lib/ops.h is what they ask of a backend.
ROOMS = sys cli file stream model token forward angle export heal eval
LIB = $(filter-out $(NAMED),$(patsubst %,$(O)/obj/%.o,$(basename $(wildcard lib/*.c $(ROOMS:%=lib/%/*.c)) $(KERNELS_$(BACKEND)))))
BIN = $(TOOLS:%=$(O)/bin/%)
UNIT = $(patsubst tests/%,$(O)/tests/%,$(basename $(wildcard tests/*.c) $(if $(filter cuda%,$(BACKEND)),$(wildcard tests/*.cu))))
BENCH = $(patsubst tests/bench/%.c,$(O)/tests/bench/%,$(wildcard tests/bench/*.c))
FUZZ = $(patsubst %.c,$(O)/%,$(filter-out %/driver.c %/dies.c,$(wildcard tests/fuzz/*.c)))
HELP = $(patsubst tests/%,$(O)/tests/%,$(basename $(wildcard tests/helper/*.c) \
	$(if $(filter cuda-emu,$(BACKEND)),$(wildcard tests/helper/*.cu))))

# What tests load before a tool.
PRELOAD = $(patsubst tests/preload/%.c,$(O)/tests/helper/%.so,$(wildcard tests/preload/*.c))

# $(call by,WORD) begins a command of the build: in its place there is a line, WORD and the file, but with V=1 and with -n.
flags = $(filter-out --%,$(firstword -$(MAKEFLAGS)))
by = $(if $(V)$(findstring n,$(flags)),,@$(if $(findstring s,$(flags)),,echo '$1$(or $(filter %.c %.cu,$<),$@)'; ))
# Ends a rule that has nothing of its own to do, so that make is silent when all is made.
done = $(if $(findstring n,$(flags)),,@:)

all: $(BIN)
	$(done)

# The version is in an object of its own, which is made again when the version is another.
NAMED = $(O)/obj/lib/sys/version.o
$(NAMED): CPPFLAGS += -DCOPPICE_VERSION='"$(VERSION)"'
$(NAMED): $(O)/obj/version
ifneq ($(VERSION),$(shell cat $(O)/obj/version 2>/dev/null))
.PHONY: $(O)/obj/version
endif
$(O)/obj/version:
	@mkdir -p $(@D)
	@echo '$(VERSION)' > $@

$(O)/bin/%: $(O)/obj/tools/%.o $(NAMED) $(O)/libcoppice.a
	@mkdir -p $(@D)
	$(call by,LD  )$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)

$(O)/libcoppice.a: $(LIB)
	@rm -f $@
	$(call by,AR  )ar qcs $@ $^

$(O)/obj/%.o: %.c
	$(libraries)@mkdir -p $(@D)
	$(call by,CC  )$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -MT $@ -c -o $@ $<

$(O)/obj/%.o: %.cu
	@mkdir -p $(@D)
	$(call by,CXX )$(if $(filter cuda,$(BACKEND)),$(NVCC) $(CPPFLAGS) $(NVCCFLAGS),$(CXX) $(CPPFLAGS) $(CXXFLAGS) -x c++) -MMD -MP -MT $@ -c -o $@ $< \
		$(if $(filter cuda,$(BACKEND)),>$(@:.o=.ptxas) 2>&1 || { cat $(@:.o=.ptxas) >&2; false; })

# Tests: NN-name.t are shell, NN-name.c (of lib/cuda: .cu) are cmocka; tests/helper/*.c are programs that the shell tests use.
# Those programs are linked again when only the version is another; the tests themselves are not.
$(HELP): $(NAMED)
$(O)/tests/%: $(O)/obj/tests/%.o $(O)/libcoppice.a | $(NAMED)
	@mkdir -p $(@D)
	$(call by,LD  )$(CC) $(CFLAGS) -o $@ $< $(NAMED) $(O)/libcoppice.a $(LDLIBS) -lcmocka

# Fuzz targets, a parser each. driver.c runs them on what it makes of a corpus; libFuzzer does where there is clang.
FUZZER = $(O)/obj/tests/fuzz/driver.o
$(O)/tests/fuzz/%: $(O)/obj/tests/fuzz/%.o $(O)/obj/tests/fuzz/dies.o $(FUZZER) $(O)/libcoppice.a | $(NAMED)
	@mkdir -p $(@D)
	$(call by,LD  )$(CC) $(CFLAGS) $(if $(FUZZER),,-fsanitize=fuzzer) -Wl,--wrap=die -o $@ $(filter %.o,$^) $(NAMED) $(O)/libcoppice.a $(LDLIBS)

fuzzers: $(FUZZ)
	$(done)

# Parsers need no kernels. gcc's macro tells lib/sys of clang's sanitizers, too.
FUZZ_SECONDS = 60
FUZZED = $(abspath $(O))/fuzz
LIBFUZZER = CC="$(if $(findstring ccache,$(CC)),ccache )clang" OPT='-O1 -g -D__SANITIZE_ADDRESS__' OPENMP= FUZZER= \
	LIBS_cpu=-lgomp SANITIZE=address,undefined,fuzzer-no-link
FUZZ_BUILD = KERNELS_cpu= $(if $(shell command -v clang),$(LIBFUZZER),LIBS_cpu= SANITIZE=address,undefined)
fuzz: all $(O)/tests/helper/hostile $(O)/tests/helper/make-tiny $(O)/tests/helper/random-records
	$(MAKE) O=$(FUZZED) fuzzers $(FUZZ_BUILD)
	O=$(abspath $(O)) tests/fuzz/run $(FUZZED) $(FUZZ_SECONDS) $(FUZZ_ONLY)

lint:
	@tests/lint

# For clangd and the like.
SOURCES = $(wildcard lib/*.c lib/*/*.c tools/*.c tests/*.c tests/helper/*.c tests/bench/*.c tests/fuzz/*.c)
compile_commands.json:
	@for source in $(SOURCES); do \
		printf '{"directory": "%s", "file": "%s", "command": "%s"},\n' '$(CURDIR)' $$source '$(CC) $(CPPFLAGS) $(CFLAGS) -c '$$source; \
	done | sed '1s/^/[/; $$s/,$$/]/' >$@
.PHONY: fuzzers fuzz lint portable compile_commands.json dist

# A release: of a commit with the tag of RELEASE, and news of it.
dist:
	@[ '$(VERSION)' = '$(RELEASE)' ] && [ -e .git ] || { echo 'make dist: this is $(VERSION), not v$(RELEASE)' >&2; false; }
	@grep -qx '## $(RELEASE)' NEWS.md || { echo 'make dist: NEWS.md says nothing of $(RELEASE)' >&2; false; }
	git archive --prefix=coppice-$(RELEASE)/ -o $(O)/coppice-$(RELEASE).tar.gz HEAD

# What is no backend's, compiled and no more: make portable CC=aarch64-linux-gnu-gcc O=DIR. The libraries' headers are those
# of this machine, which are the same for all but for a few that stand apart.
portable: CPPFLAGS += $(patsubst %,-idirafter %,$(wildcard /usr/include/*-linux-gnu))
portable: $(filter-out $(O)/obj/lib/cpu/%,$(LIB)) $(NAMED) $(TOOLS:%=$(O)/obj/tools/%.o)

$(O)/tests/helper/%.so: tests/preload/%.c
	@mkdir -p $(@D)
	$(call by,CC  )$(CC) $(CPPFLAGS) -std=gnu11 -O2 -g $(WARN) -fPIC -shared -o $@ $<

# The one that measures the processor itself.
$(O)/tests/bench/limit: LDLIBS += -ldnnl

-include $(shell find $(O)/obj -name '*.d' 2>/dev/null)
.PRECIOUS: $(O)/obj/%.o $(O)/completion/bash/% $(O)/completion/zsh/_% $(O)/completion/fish/%.fish
.DELETE_ON_ERROR:
.PHONY: all tests check device kernels demo model try-model bench install uninstall deb clean

tests: $(BIN) $(UNIT) $(HELP) $(PRELOAD) $(BENCH) $(FUZZ)
	$(done)

# The demo's model, which tests and benchmarks use too. Without a network they skip what needs it.
SMOLLM = $(abspath $(O))/demo/SmolLM2-135M-Instruct.Q4_1.gguf
model: $(SMOLLM)
$(SMOLLM):
	pipelines/demo/smollm2 $@
try-model:
	@[ -e $(SMOLLM) ] || pipelines/demo/smollm2 $(SMOLLM) || echo "no model: what needs it is skipped"

# Of the emulation: what it is for, with sanitizers.
ifeq ($(BACKEND),cuda-emu)
check:
	MAKEFLAGS= O=$(patsubst %/cuda-emu,%,$(abspath $(O))) tests/run tests/43-cuda.t
else
check: tests try-model device
	MAKEFLAGS= O=$(abspath $(O)) tests/run
endif

# What the kernels take of a device: a table of registers, shared memory and spills.
kernels: $(patsubst %.cu,$(O)/obj/%.o,$(KERNELS_cuda))
	@cat $(O)/obj/lib/cuda/*.ptxas | tests/kernels

# Tests of the CUDA backend are of no use without a device.
device: $(if $(filter cuda,$(BACKEND)),$(O)/tests/bench/shapes)
ifeq ($(BACKEND),cuda)
	@! $< --tiny --seconds=0 | grep '^no device' || { echo 'make check BACKEND=cuda-emu tests the kernels without one'; false; }
endif

# make print-LDLIBS: a variable, for tests that build something
print-%:
	@echo '$($*)'

# ONLY='score heal', REPEAT=3, PEERS=VENV, LLAMA_BENCH=FILE, J=2: see tests/bench/run.
bench: $(BIN) $(BENCH) $(HELP) $(if $(filter cuda:,$(BACKEND):$(ONLY)),,try-model)
	@O=$(abspath $(O)) $(foreach v,BACKEND ONLY REPEAT PEERS LLAMA_BENCH J,$(if $($v),$v='$($v)')) tests/bench/run

ifneq (,$(filter demo tables mend figures fig-% $(O)/demo/%,$(MAKECMDGOALS)))
include pipelines/demo.mk
endif
include pipelines/data.mk

# -- Installed: the tools, the pages, what of pipelines/ serves runs elsewhere, completion as the tools print it.
BASH_DIR = $(PREFIX)/share/bash-completion/completions
ZSH_DIR = $(PREFIX)/share/zsh/site-functions
FISH_DIR = $(PREFIX)/share/fish/vendor_completions.d
COMPLETION = $(TOOLS:%=$(O)/completion/bash/%) $(TOOLS:%=$(O)/completion/zsh/_%) $(TOOLS:%=$(O)/completion/fish/%.fish)
RULES = $(filter-out pipelines/demo.mk pipelines/data.mk,$(wildcard pipelines/*.*))
SCRIPTS = $(filter-out $(addprefix pipelines/,Containerfile demo fetch lfs verify) $(wildcard pipelines/*.*),$(wildcard pipelines/*))

INSTALLED = $(TOOLS:%=$(PREFIX)/bin/%) \
	$(foreach s,1 5 7,$(patsubst man/%,$(PREFIX)/share/man/man$s/%,$(wildcard man/*.$s))) \
	$(patsubst pipelines/%,$(PREFIX)/share/coppice/%,$(RULES) $(SCRIPTS)) \
	$(TOOLS:%=$(BASH_DIR)/%) $(TOOLS:%=$(ZSH_DIR)/_%) $(TOOLS:%=$(FISH_DIR)/%.fish)
FOLDERS = $(patsubst %/,$(DESTDIR)%,$(sort $(dir $(INSTALLED))))
MADE = $(DESTDIR)$(PREFIX)/share/coppice/.folders

$(O)/completion/bash/% $(O)/completion/zsh/_% $(O)/completion/fish/%.fish: $(O)/bin/%
	@mkdir -p $(O)/completion/bash $(O)/completion/zsh $(O)/completion/fish
	$< --completion=bash > $(O)/completion/bash/$*
	$< --completion=zsh > $(O)/completion/zsh/_$*
	$< --completion=fish > $(O)/completion/fish/$*.fish

define put
	install $(BIN) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(wildcard man/*.1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(wildcard man/*.5) $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 $(wildcard man/*.7) $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 644 $(RULES) $(DESTDIR)$(PREFIX)/share/coppice
	install $(SCRIPTS) $(DESTDIR)$(PREFIX)/share/coppice
	install -m 644 $(TOOLS:%=$(O)/completion/bash/%) $(DESTDIR)$(BASH_DIR)
	install -m 644 $(TOOLS:%=$(O)/completion/zsh/_%) $(DESTDIR)$(ZSH_DIR)
	install -m 644 $(TOOLS:%=$(O)/completion/fish/%.fish) $(DESTDIR)$(FISH_DIR)
endef

# Folders that were not there before are noted, so that uninstall takes away these and no others.
install: all $(COMPLETION)
	@made=$$(LC_ALL=C install -dv $(FOLDERS) | sed "s|.* directory '$(DESTDIR)\(.*\)'$$|\1|") && \
		printf '%s\n' $$made >> $(MADE)
	$(put)

uninstall:
	rm -f $(addprefix $(DESTDIR),$(INSTALLED))
	@made=$$(sort -ru $(MADE) 2>/dev/null); rm -f $(MADE); \
		for d in $$made; do rmdir $(DESTDIR)$$d 2>/dev/null || :; done

# Debian's zsh looks in another folder for what packages bring.
deb: override DESTDIR = $(O)/deb
deb: override PREFIX = /usr
deb: override ZSH_DIR = /usr/share/zsh/vendor-completions
deb: all $(COMPLETION)
	rm -rf $(DESTDIR)
	install -d $(FOLDERS)
	$(put)
	.ci/deb $(DESTDIR) $(VERSION) $(O)

clean:
	rm -rf $(O)
