# SPDX-License-Identifier: BSD-3-Clause
# lite4rec: `make help` lists what there is. No configure step; every setting below can be overridden
# on the command line or in the environment (make CC=clang V=1). CFLAGS, CXXFLAGS, CPPFLAGS, LDFLAGS and
# LDLIBS are yours: they are added to what the build needs, which they cannot take away.

# --- settings ------------------------------------------------------------------------------------
CC        ?= cc
CXX       ?= c++
AR        ?= ar
PKG_CONFIG ?= pkg-config
OPT       ?= -O2
SANITIZE  ?=
WERROR    ?=
BUILD     ?= build
VERSION   := 0.9.0
# 0 leaves PAPI out (as does its absence): counters are then absent, with that reason.
PAPI      ?=
# 1 builds the ranks of `mpirun lite4rec ...` in (impl/comm); with which MPI, MPI_PC says as pkg-config names it. MPI_PC=none:
# the compiler knows by itself (CC=mpicc).
MPI       ?=
MPI_PC    ?=
PREFIX    ?= /usr/local
SUDO      ?= $(shell [ "$$(id -u)" = 0 ] || echo sudo)
CLANG_FORMAT ?= clang-format-19
CLANG_TIDY ?= clang-tidy

# Debian's and Ubuntu's packages, a|b: the first that the release has. The reasons stand in bench/README.md ("Dependencies").
PACKAGES_RUN  = gcc g++ libc6-dev libblis-dev libhwloc-dev libsentencepiece-dev libutf8proc-dev libarpack2-dev libjansson-dev \
                zlib1g-dev libssl-dev pkg-config|pkgconf gnuplot-nox git $(if $(findstring clang,$(CC)),clang libomp-dev)
# Left out, with a word, where the release has none for this processor.
PACKAGES_OPTIONAL = $(if $(filter 0,$(PAPI)),,libpapi-dev)
PACKAGES_TEST = libcriterion-dev
# libomp-dev: BLIS's header wants omp.h, which gcc brings itself
PACKAGES_LINT = clang clang-format-19 clang-tidy libclang-rt-dev|libclang-rt-14-dev libomp-dev musl-tools shellcheck
PACKAGES_DOC = doxygen graphviz
PACKAGES_CHECK = valgrind

# --- machinery -----------------------------------------------------------------------------------
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
# Of the same family and version as CC, as gcc-12 and g++-12.
CXX := $(or $(foreach w,$(CC),$(if $(findstring /,$w),$(dir $w))$(subst clang,clang++,$(subst gcc,g++,$(notdir $w)))),g++)
endif
PROGRAM   ?= lite4rec
ifneq ($(words $(BUILD)) $(words $(PROGRAM)),1 1)
$(error BUILD and PROGRAM are one path each, without spaces; now they are "$(BUILD)" and "$(PROGRAM)")
endif
ifneq ($(filter / . ./ .. ../,$(BUILD)),)
$(error BUILD=$(BUILD) would be emptied by 'make clean'; name a folder of its own, such as $(BUILD)/build)
endif
# As a command: "lite4rec" alone would be looked for in PATH.
RUN := $(if $(findstring /,$(PROGRAM)),,./)$(PROGRAM)
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' $(1) $(2);)

WARN    = -Wall -Wextra -Wshadow -Wvla -Wpointer-arith -Wwrite-strings -Wno-unused-parameter \
          $(if $(WERROR),-Werror)
HASH := \#
CC_VERSION := $(shell $(CC) --version 2>/dev/null | head -1)
# What the compiler can do with standard input and these options.
compiles = $(shell printf '%s\n' $(1) 2>/dev/null | $(CC) -I. $(CPPFLAGS) $(CFLAGS) -fsyntax-only -x c - 2>/dev/null && echo yes)
WITHOUT_PAPI := $(if $(filter 0,$(PAPI)),PAPI=0 says so,$(if $(call compiles,'$(HASH)include <papi.h>'),,papi.h is not there: install libpapi-dev))
# pkg-config's word on a library; where it has none (Debian's BLIS), the plain name.
library = $(or $(shell $(PKG_CONFIG) --cflags --libs $(1) 2>/dev/null),$(2))
LIBRARIES := $(call library,blis,-lblis) $(call library,hwloc,-lhwloc) $(if $(WITHOUT_PAPI),,$(call library,papi,-lpapi)) \
  $(call library,sentencepiece,-lsentencepiece_train -lsentencepiece) \
  $(call library,libutf8proc,-lutf8proc) $(call library,jansson,-ljansson) $(call library,zlib,-lz) $(call library,libcrypto,-lcrypto)
WITH_MPI := $(filter-out 0,$(MPI))
MPI_FOUND := $(if $(WITH_MPI),$(or $(MPI_PC),$(firstword $(foreach p,ompi-c ompi mpich mpi-c,$(shell $(PKG_CONFIG) --exists $p 2>/dev/null && echo $p))),$(error \
  MPI=$(MPI): pkg-config knows none of ompi-c, ompi, mpich and mpi-c; install libopenmpi-dev or libmpich-dev, or name one: MPI_PC=name)))
MPI_LIBRARY := $(if $(filter-out none,$(MPI_FOUND)),$(shell $(PKG_CONFIG) --cflags --libs $(MPI_FOUND)))
ifneq ($(filter-out none,$(MPI_FOUND)),)
$(if $(MPI_LIBRARY),,$(error MPI_PC=$(MPI_FOUND): pkg-config does not know it))
endif
# As the system's headers are, so that their warnings are their own.
MPI_COMPILED := $(patsubst -I%,-isystem %,$(filter -I% -D%,$(MPI_LIBRARY)))
# SentencePiece's library has no function that tells its version.
SENTENCEPIECE := $(shell $(PKG_CONFIG) --modversion sentencepiece 2>/dev/null)
COMPILED := -I% -D% -isystem%

# The distributions' checks of buffers and stack; sanitizers have their own, and who says more has the say.
HARDEN ?= $(if $(SANITIZE)$(filter -O0,$(OPT) $(CFLAGS) $(CXXFLAGS))$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS) $(CXXFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2) \
          $(if $(SANITIZE),,-fstack-protector-strong)
# What the code needs stands where the user's flags cannot undo it: its own headers first, the language last.
NEEDED_CPPFLAGS = -I. -D_GNU_SOURCE $(filter $(COMPILED),$(LIBRARIES)) $(if $(WITHOUT_PAPI),-DL4R_WITHOUT_PAPI)
FLAGS_C   = $(NEEDED_CPPFLAGS) $(CPPFLAGS) $(OPT) -g $(HARDEN) $(WARN) -Wstrict-prototypes -Wmissing-prototypes $(CFLAGS) -std=c11 $(SANITIZE)
FLAGS_CXX = $(NEEDED_CPPFLAGS) $(CPPFLAGS) $(OPT) -g $(HARDEN) $(WARN) $(CXXFLAGS) -std=c++17 $(SANITIZE)
# Linked by the C++ compiler, which knows its own library.
LINK = $(CXX) $(CFLAGS) $(SANITIZE) $(LDFLAGS)
LIBS = $(filter-out $(COMPILED),$(LIBRARIES) $(MPI_LIBRARY)) -lpthread -ldl -lm $(LDLIBS)
# Skipped tests are counted and named by tests/support/skip.c.
CRITERION = -Wl,--wrap=criterion_skip_test $(filter-out $(COMPILED),$(call library,criterion,-lcriterion))

# Kernels in the compiler's vector extension: full unrolling and fused multiply-adds, these files only;
# and plain loops over rows, unrolled.
CFLAGS_impl_train_layers_kernels_portable = -O3 -ffp-contract=fast
CFLAGS_impl_train_layers_kernels_avx2 = -O3 -ffp-contract=fast
CFLAGS_impl_train_layers_kernels_avx512 = -O3 -ffp-contract=fast
CFLAGS_impl_train_layers_kernels_neon = -O3 -ffp-contract=fast
CFLAGS_baselines_beam_ids_kmeans = -O3 -ffp-contract=off
CFLAGS_baselines_beam_ids_principal = -O3 -ffp-contract=off
CFLAGS_impl_train_layers_sasrec = -O3
CFLAGS_impl_train_layers_biased = -O3
CFLAGS_impl_train_layers_adapter = -O3
CFLAGS_impl_train_layers_bert = -O3
# The optimiser's loops become vectors and keep the bits of plain ones.
CFLAGS_impl_train_loop_kernels_portable = -O3 -fno-math-errno -ffp-contract=off
CFLAGS_impl_train_loop_kernels_avx2 = -O3 -fno-math-errno -ffp-contract=off
CFLAGS_impl_train_loop_kernels_avx512 = -O3 -fno-math-errno -ffp-contract=off

C_SOURCES  := $(filter-out $(if $(WITHOUT_PAPI),bench/counters/pmu_papi.c) bench/scale/pattern.c $(if $(WITH_MPI),,impl/comm/comm_mpi.c),$(sort $(shell find impl baselines bench -name '*.c')))
CC_SOURCES := $(sort $(shell find impl baselines bench -name '*.cc'))
MAIN       := bench/lite4rec.c
# The training layers are compiled once more with double, for the gradient tests alone. There, and in the tests that define
# L4R_DOUBLE, the names of what the copies define get the ending _double, so that one program holds both.
DOUBLE_SOURCES := $(sort $(wildcard impl/train/layers/*.c)) $(addprefix impl/train/layers/kernels/,portable.c avx512_bf16.c)
TEST_SOURCES   := $(sort $(shell find tests -name '*.c' -not -path 'tests/check/*' -not -path 'tests/fuzz/*' -not -path 'tests/plain/*' -not -path 'tests/mpi/*' -not -path 'tests/red/programs/*' -not -path 'tests/kill/*' -not -path 'tests/plugin/*'))
DOUBLE_TESTS   := $(shell grep -l '^.define L4R_DOUBLE' $(TEST_SOURCES) /dev/null)
FUZZ_SOURCES   := $(sort $(wildcard tests/fuzz/*.c))
FUZZ_PROGRAMS  := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz-%,$(filter-out tests/fuzz/input.c,$(FUZZ_SOURCES)))
# shards.c is a program of its own.
RANKS_OBJECTS  := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/mpi/shards.c,$(sort $(wildcard tests/mpi/*.c))))
CHECK_SOURCES  := $(sort $(wildcard tests/check/*.c))

OBJECTS      := $(C_SOURCES:%.c=$(BUILD)/%.o) $(CC_SOURCES:%.cc=$(BUILD)/%.o)
LIB_OBJECTS  := $(filter-out $(BUILD)/$(MAIN:.c=.o),$(OBJECTS))
DOUBLE_OBJECTS := $(DOUBLE_SOURCES:%.c=$(BUILD)/%.double.o)
TEST_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(DOUBLE_TESTS),$(TEST_SOURCES))) $(DOUBLE_TESTS:%.c=$(BUILD)/%.double.o)
CHECK_OBJECTS := $(CHECK_SOURCES:%.c=$(BUILD)/%.o)
FUZZ_OBJECTS := $(FUZZ_SOURCES:%.c=$(BUILD)/%.o)
TESTS        := $(BUILD)/unit-tests
CHECKS       := $(BUILD)/check-tests
PLAIN        := $(BUILD)/plain-tests
# Programs of this build with an MPI in them, for tests: BUILD/mpi/NAME/lite4rec and comm-tests, by pkg-config's names.
MPIS_TESTED  := $(shell for p in ompi-c mpich; do $(PKG_CONFIG) --exists $$p 2>/dev/null && echo $$p; done)
SLOWED       := $(BUILD)/slowed
KILL         := $(BUILD)/kill.so
# The tests of kernels with AMX's tiles in plain C.
EMULATED     := $(BUILD)/emulated/kernel-tests
KERNEL_TESTS := $(filter $(BUILD)/tests/blis/% $(BUILD)/tests/stack/% $(BUILD)/tests/support/%,$(TEST_OBJECTS))

.PHONY: all
all: $(PROGRAM) ## build ./lite4rec
	$(if $(WITHOUT_PAPI),@echo "Note: without processor counters ($(WITHOUT_PAPI)); they will be absent from records.")
	@echo "Hint: 'make demo' trains and measures everything on synthetic data; 'make help' lists the rest."

# What objects, and programs, were last made with. Rewritten only when it differs, so that other flags, another compiler
# or a source less make anew what depends on them.
FLAGS_STAMP := $(BUILD)/made-with
LINK_STAMP  := $(BUILD)/linked-with
$(BUILD)/impl/comm/comm_mpi.o $(BUILD)/impl/comm/comm_mpi.analysed: NEEDED_CPPFLAGS += $(MPI_COMPILED)
ifneq ($(WITH_MPI),)
$(BUILD)/impl/comm/comm.o $(BUILD)/impl/comm/comm.analysed $(BUILD)/tests/comm/test_launched.o: NEEDED_CPPFLAGS += -DL4R_WITH_MPI
endif
$(FLAGS_STAMP): export WORDS = $(CC) $(CC_VERSION); $(SENTENCEPIECE); $(MPI_COMPILED)$(if $(WITH_MPI), as $(MPI_FOUND)); $(FLAGS_C); $(CXX); $(FLAGS_CXX)
$(LINK_STAMP): export WORDS = $(AR) $(LINK) $(LIBS) $(OBJECTS) $(TEST_OBJECTS) $(CHECK_OBJECTS)
$(FLAGS_STAMP) $(LINK_STAMP): always
	@mkdir -p $(@D); printf '%s\n' "$$WORDS" | cmp -s - $@ || { $(if $(filter $(FLAGS_STAMP),$@),$(ABLE) &&) printf '%s\n' "$$WORDS" >$@; }
# Said once and before anything is compiled. Kernels are chosen when the program runs, so the compiler must know them all.
ABLE = { [ -n "$$($(CC) --version 2>/dev/null)" ] || { echo "CC=$(CC) does not run; 'make deps' installs gcc, or name another compiler" >&2; exit 4; }; } && \
  case $$($(CC) -dumpmachine) in x86_64*|amd64*) printf '%s\n' '$(HASH)include <immintrin.h>' \
  '__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512vnni,avx512bf16,avxvnni,amx-tile,avx2,fma"))) __m512 f(__m512 s, __m512bh a);' \
  '__m512 f(__m512 s, __m512bh a) { return _mm512_dpbf16_ps(s, a, a); }' | $(CC) $(CPPFLAGS) $(CFLAGS) -Wno-psabi -fsyntax-only -x c - || { \
  echo "CC=$(CC) ($$($(CC) --version | head -1)) cannot compile the kernels for AVX-512 and AMX, which gcc 11 and clang 12 and later know; name such a compiler: make CC=gcc-12" >&2; exit 4; };; esac
.PHONY: always
always:

LIBRARY := $(BUILD)/liblite4rec.a
$(LIBRARY): $(LIB_OBJECTS) $(LINK_STAMP)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

# What somebody else's engine is compiled against (include/lite4rec/engine.h) and may call: the functions that engine.h and
# what it includes declare, and nothing else of the program.
CONTRACT := impl/engine.h impl/base/error.h impl/base/team.h impl/data/item.h
EXPORTS := $(BUILD)/exports
$(EXPORTS): $(CONTRACT)
	@mkdir -p $(@D)
	$(Q){ echo '{'; sed -n 's/^[a-z].*[ *]\(l4r_[a-z0-9_]*\)(.*/  \1;/p' $^; echo '};'; } >$@
EXPORTING = -Wl,--dynamic-list=$(EXPORTS)
# With these, a program of one's own opens data sets and models: liblite4rec.a.
HEADERS := $(CONTRACT) impl/data/dataset.h impl/lite/lite.h baselines/beam/engine.h
# Copies them below a folder, where they include each other by the names that they have there.
install_headers = for h in $(HEADERS); do to='$(1)'/lite4rec/$${h\#*/} && install -d -m 755 "$$(dirname "$$to")" && \
  sed 's,^\(\#include \)"[a-z]*/,\1"lite4rec/,' $$h >"$$to" && chmod 644 "$$to" || exit 1; done

# Engines of others, for tests: compiled against the headers as they are installed, and nothing else of ours.
INCLUDE := $(BUILD)/include
VICES   := abi absent chatty count endless hole nan negative nothing outside peeks status twice unknown
PLUGINS := $(patsubst %,$(BUILD)/plugins/%.so,popular $(VICES))
PLUGIN_C = $(CC) $(CPPFLAGS) $(OPT) -g $(WARN) -Wmissing-prototypes $(CFLAGS) -std=c11 -I$(INCLUDE)
$(INCLUDE)/lite4rec/engine.h: $(HEADERS)
	$(Q)rm -rf $(INCLUDE) && $(call install_headers,$(INCLUDE))
	$(Q)(cd $(INCLUDE) && find lite4rec -name '*.h' | sed 's/.*/#include <&>/') | $(PLUGIN_C) -fsyntax-only -x c - || { rm -rf $(INCLUDE); exit 1; }
$(BUILD)/plugins/popular.so: tests/plugin/popular.c $(INCLUDE)/lite4rec/engine.h $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(call say,SHARED,$@)$(PLUGIN_C) -shared -fPIC -o $@ $<
$(BUILD)/plugins/%.so: tests/plugin/vices.c tests/plugin/popular.c $(INCLUDE)/lite4rec/engine.h $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(call say,SHARED,$@)$(PLUGIN_C) -Wno-unused-function -DVICE_$* -shared -fPIC -o $@ $<
$(BUILD)/tests/red/test_plugins.o: NEEDED_CPPFLAGS += -DL4R_TEST_PLUGINS=$(call text,$(BUILD)/plugins)

LINKED = $(filter %.o %.a,$^)
$(PROGRAM): $(OBJECTS) $(EXPORTS) $(LINK_STAMP)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(LINK) $(EXPORTING) -o $@ $(LINKED) $(LIBS)

$(TESTS): $(TEST_OBJECTS) $(DOUBLE_OBJECTS) $(LIBRARY) $(EXPORTS) $(LINK_STAMP) | $(PLUGINS)
	$(call say,LINK,$@)$(LINK) $(EXPORTING) -o $@ $(LINKED) $(CRITERION) $(LIBS)

$(CHECKS): $(CHECK_OBJECTS) $(filter $(BUILD)/tests/support/%,$(TEST_OBJECTS)) $(DOUBLE_OBJECTS) $(LIBRARY) $(LINK_STAMP)
	$(call say,LINK,$@)$(LINK) -o $@ $(LINKED) $(CRITERION) $(LIBS)

$(FUZZ_PROGRAMS): $(BUILD)/fuzz-%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/input.o $(LIBRARY) $(LINK_STAMP)
	$(call say,LINK,$@)$(LINK) -fsanitize=fuzzer -o $@ $(LINKED) $(LIBS)

$(PLAIN): $(BUILD)/tests/plain/main.o $(TEST_OBJECTS) $(DOUBLE_OBJECTS) $(LIBRARY) $(EXPORTS) $(LINK_STAMP) | $(PLUGINS)
	$(call say,LINK,$@)$(LINK) $(EXPORTING) -o $@ $(LINKED) $(LIBS)

EMULATED_OBJECTS := $(BUILD)/emulated/amx.o $(BUILD)/emulated/amx_attend.o
$(EMULATED_OBJECTS): $(BUILD)/emulated/%.o: impl/blis/kernels/%.c $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(call say,CC,"$< (emulated)")$(CC) -DL4R_EMULATE_TILES $(FLAGS_C) -MMD -MP -c -o $@ $<

# Their objects stand before the library, which holds the processor's.
$(EMULATED): $(EMULATED_OBJECTS) $(KERNEL_TESTS) $(LIBRARY) $(LINK_STAMP)
	$(call say,LINK,$@)$(LINK) -o $@ $(LINKED) $(CRITERION) $(LIBS)

# The two objects that know MPI stand before the library, which has none unless MPI=1 says so.
mpi_flags = $(patsubst -I%,-isystem %,$(filter $(1),$(shell $(PKG_CONFIG) --cflags --libs $(2))))
MPI_OBJECTS = $(BUILD)/mpi/%/comm.o $(BUILD)/mpi/%/comm_mpi.o
$(BUILD)/mpi/%/comm.o: impl/comm/comm.c $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(call say,CC,"$< ($*)")$(CC) -DL4R_WITH_MPI $(FLAGS_C) -MMD -MP -c -o $@ $<
$(BUILD)/mpi/%/comm_mpi.o: impl/comm/comm_mpi.c $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(call say,CC,"$< ($*)")$(CC) $(call mpi_flags,-I% -D%,$*) $(FLAGS_C) -MMD -MP -c -o $@ $<
# Of few objects, because tsan makes it too.
$(BUILD)/mpi/%/comm-tests: $(MPI_OBJECTS) $(RANKS_OBJECTS) $(filter-out %/comm.o %/comm_mpi.o,$(filter $(BUILD)/impl/comm/% $(BUILD)/impl/base/%,$(LIB_OBJECTS))) $(LINK_STAMP)
	$(call say,LINK,$@)$(LINK) -o $@ $(LINKED) $(call mpi_flags,-l% -L%,$*) $(LIBS)
$(BUILD)/mpi/%/shard-tests: $(MPI_OBJECTS) $(BUILD)/tests/mpi/shards.o $(LIBRARY) $(LINK_STAMP)
	$(call say,LINK,$@)$(LINK) -o $@ $(LINKED) $(call mpi_flags,-l% -L%,$*) $(LIBS)
$(BUILD)/mpi/%/lite4rec: $(MPI_OBJECTS) $(BUILD)/$(MAIN:.c=.o) $(LIBRARY) $(EXPORTS) $(LINK_STAMP)
	$(call say,LINK,$@)$(LINK) $(EXPORTING) -o $@ $(LINKED) $(call mpi_flags,-l% -L%,$*) $(LIBS)
.PRECIOUS: $(MPI_OBJECTS)
.SECONDARY: $(RANKS_OBJECTS) $(BUILD)/tests/mpi/shards.o $(BUILD)/bench/scale/pattern.o

$(SLOWED): $(BUILD)/tests/red/programs/slowed.o $(LINK_STAMP)
	$(call say,LINK,$@)$(LINK) -o $@ $(LINKED) $(LIBS)

$(KILL): tests/kill/shim.c $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(call say,SHARED,$@)$(CC) -D_GNU_SOURCE -std=gnu11 -O1 $(WARN) -shared -fPIC -o $@ $< -ldl

$(BUILD)/%.o: %.c $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(FLAGS_C) $(CFLAGS_$(subst /,_,$*)) -MMD -MP -c -o $@ $<

$(BUILD)/%.in-double.o: %.c $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(call say,CC,"$< (double)")$(CC) -DL4R_DOUBLE= $(FLAGS_C) -MMD -MP -c -o $@ $<

.PRECIOUS: $(BUILD)/%.in-double.o
# The compiler's own, for another processor's objects too.
tool = $(shell $(CC) -print-prog-name=$(1))
$(BUILD)/double-names: $(DOUBLE_SOURCES:%.c=$(BUILD)/%.in-double.o)
	$(Q)$(call tool,nm) -g --defined-only $^ | awk 'NF == 3 { print $$3, $$3 "_double" }' | sort -u >$@

$(BUILD)/%.double.o: $(BUILD)/%.in-double.o $(BUILD)/double-names
	$(Q)$(call tool,objcopy) --redefine-syms=$(BUILD)/double-names $< $@

$(BUILD)/%.o: %.cc $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(call say,CXX,$<)$(CXX) $(FLAGS_CXX) -MMD -MP -c -o $@ $<

# Fuzzing reads files; clang takes minutes to instrument unrolled kernels, which read none.
ifdef FUZZ
$(BUILD)/impl/blis/%.o $(BUILD)/impl/train/%.o: override SANITIZE :=
endif

# Embedded by the assembler, which leaves no trace in the .d files.
$(BUILD)/bench/claims/paper.o: bench/claims/paper.json
$(BUILD)/bench/counters/group.o: $(wildcard bench/groups/*.txt bench/groups/*/*.txt)
$(BUILD)/bench/templates/templates.o: $(wildcard bench/templates/*.in bench/templates/*.m[dk] bench/templates/*.py) $(CONTRACT)
$(BUILD)/bench/report/assets.o: $(wildcard plots/*) bench/report/page.css bench/report/page.js

# The manifest states how the binary was built. A text for C, quoted for the shell.
text = '"$(subst ','\'',$(subst ",\",$(subst \,\\,$(strip $(1)))))"'
$(BUILD)/bench/machine/build_info.o $(BUILD)/bench/machine/build_info.analysed: NEEDED_CPPFLAGS += -DL4R_BUILD_CC=$(call text,$(CC_VERSION)) \
  -DL4R_BUILD_FLAGS=$(call text,$(FLAGS_BUILT)) -DL4R_BUILD_GIT=$(call text,$(GIT)) -DL4R_VERSION=$(call text,$(VERSION))
$(BUILD)/impl/model/tokenizer.o: NEEDED_CPPFLAGS += $(if $(SENTENCEPIECE),-DL4R_SENTENCEPIECE=$(call text,$(SENTENCEPIECE)))
FLAGS_BUILT := $(CPPFLAGS) $(OPT) -g $(HARDEN) $(WARN) $(CFLAGS) -std=c11 $(SANITIZE)
# Rebuilt when the commit changes. A copy of the sources without git has the commit that `git archive` wrote into it, or none.
GIT := $(or $(shell [ -e .git ] && git describe --always --dirty --exclude='*' 2>/dev/null),$(patsubst commit-%,%-archive,$(filter-out commit-$$%,$(shell sed -n 's/^commit: */commit-/p' .commit 2>/dev/null))))
GIT_STAMP := $(BUILD)/git-$(or $(GIT),none)
$(GIT_STAMP):
	@mkdir -p $(@D); rm -f $(BUILD)/git-*; touch $@
$(BUILD)/bench/machine/build_info.o: $(GIT_STAMP)

-include $(EMULATED_OBJECTS:.o=.d) $(BUILD)/tests/mpi/shards.d $(BUILD)/bench/scale/pattern.d $(BUILD)/tests/red/programs/slowed.d $(BUILD)/tests/plain/main.d $(RANKS_OBJECTS:.o=.d) $(wildcard $(BUILD)/mpi/*/*.d) $(OBJECTS:.o=.d) $(patsubst %.c,$(BUILD)/%.in-double.d,$(DOUBLE_SOURCES) $(DOUBLE_TESTS)) $(TEST_OBJECTS:.o=.d) $(CHECK_OBJECTS:.o=.d) $(FUZZ_OBJECTS:.o=.d)

# --- what people run -----------------------------------------------------------------------------
.PHONY: help
help: ## print this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

install_packages = @SUDO='$(SUDO)' sh bench/deps.sh $(1)

.PHONY: deps deps-test deps-lint deps-check
deps: ## install the Debian packages that building needs (without sudo when they are all installed)
	$(call install_packages,'$(PACKAGES_RUN)' '$(PACKAGES_OPTIONAL)')
deps-test: deps
	$(call install_packages,'$(PACKAGES_TEST)')
deps-lint: deps-test
	$(call install_packages,'$(PACKAGES_LINT)')
deps-check: deps-lint
	$(call install_packages,'$(PACKAGES_CHECK)')

# What scripts run: this build's program, and what it made, wherever both are.
command = $(if $(findstring /,$(1)),,./)$(1)
HERE = LITE4REC=$(RUN) LITE4REC_PEERS="$${LITE4REC_PEERS:-$(BUILD)/peers}"

# Sub-makes, because what `deps` installs decides what the probes above find.
.PHONY: test
test: deps-test ## install, build and run the unit tests
	@$(MAKE) --no-print-directory -j$$(nproc) $(PROGRAM) $(TESTS) $(EMULATED) $(KILL)
	@rm -rf $(BUILD)/kernels
	@$(HERE) KERNELS=$(BUILD)/kernels/native.rows sh tests/run.sh $(TESTS)
	@KERNELS=$(BUILD)/kernels/emulated.rows sh tests/run.sh $(EMULATED) --filter '@(blis_attend|blis_bf16|blis_bf16x3|blis_int8|blis_matrix|blis_precision|blis_rows|blis_tiles)/*'
	@sh tests/kill/points.sh $(RUN) $(KILL) quick
	@$(MAKE) --no-print-directory mpi MPIS_TESTED='$(firstword $(MPIS_TESTED))' MPI_TESTS='comm train' TRAIN_CASES='repeats refused divided bytes'
	@sh tests/kernels.sh $(BUILD)/kernels

# One MPI after the other; MPI_TESTS names scripts of tests/mpi.
.PHONY: mpi
mpi: $(PROGRAM) $(foreach m,$(MPIS_TESTED),$(BUILD)/mpi/$m/comm-tests $(BUILD)/mpi/$m/shard-tests $(BUILD)/mpi/$m/lite4rec) ## run what several ranks run together, with every MPI that is installed: make mpi [MPI_TESTS=comm]
	$(if $(MPIS_TESTED),,@echo '[SKIP] mpi::all: pkg-config knows neither Open MPI nor MPICH (packages libopenmpi-dev openmpi-bin)'; echo '0 passed, 0 failed, 1 skipped')
	$(Q)for m in $(MPIS_TESTED); do echo "mpi: $$m"; MPI_NAME=$$m LITE4REC=$(BUILD)/mpi/$$m/lite4rec PLAIN_LITE4REC=$(RUN) COMM_TESTS=$(BUILD)/mpi/$$m/comm-tests sh tests/mpi/run.sh $(MPI_TESTS) || exit 1; done

# Lint first, because its finds are the cheapest to mend; then the longest. Packages are installed before, because two cannot be installed at a time.
CHECK_PARTS = lint arm64 valgrind sanitize tsan tsan-ranks check-tests fuzz mutants emulated kill-points isa short-memory check-install people pmu-guest mpi
CHECK_LANES ?= 2
.PHONY: check check-tests short-memory
check: test ## run everything: slow tests, kill points, every instruction set, mutants of kernels, Arm under qemu, an emulated PMU, ASan, UBSan, TSan, valgrind, fuzzing, lint
	@$(MAKE) --no-print-directory deps-check
	@$(MAKE) --no-print-directory deps-guest || true # arm64 and pmu-guest say what they lack
	@$(MAKE) --no-print-directory -j$$(nproc) $(CHECKS) $(PLAIN)
	@rm -rf $(BUILD)/parts && mkdir -p $(BUILD)/parts
	@echo "check: $(CHECK_PARTS), $(CHECK_LANES) at a time; each part's output is printed when it ends"
	@$(MAKE) --no-print-directory -k -j$(CHECK_LANES) -Orecurse $(CHECK_PARTS:%=part-%) || true
	@sh tests/kernels.sh $(BUILD)/kernels
	@sh tests/parts.sh $(BUILD)/parts $(CHECK_PARTS)

# One part that fails must not hide what the others find.
part-%:
	@begin=$$(date +%s); $(MAKE) --no-print-directory $*; code=$$?; echo "$$code $$(($$(date +%s) - begin))" >$(BUILD)/parts/$*; exit $$code

check-tests: $(CHECKS) $(PROGRAM) ## run the slow tests: coverage of intervals, published counts, speed of training, long messages between ranks
	@$(HERE) sh tests/run.sh $(CHECKS)
	@MPI_LARGE=1 $(MAKE) --no-print-directory mpi MPI_TESTS=comm

short-memory: $(PROGRAM) ## run the main commands with little memory
	@sh tests/short_memory.sh $(RUN)

.PHONY: emulated
emulated: deps-test ## run the tests of kernels and of the stack with AMX's tiles in plain C
	@$(MAKE) --no-print-directory -j$$(nproc) $(EMULATED)
	@KERNELS=$(BUILD)/kernels/emulated.rows sh tests/run.sh $(EMULATED) --filter '@(blis_*|stack_*)/*'

# Quickly compiled: a mutant is right or wrong at any level.
.PHONY: mutants
mutants: deps-test ## change one thing at a time in the kernels and show that their tests notice: make mutants [MUTANTS=table]
	@$(MAKE) --no-print-directory -j$$(nproc) $(EMULATED)
	@KERNELS=$(BUILD)/kernels/emulated.rows sh tests/run.sh $(EMULATED) --filter 'blis_rows/*' >/dev/null
	@COMPILE='$(CC) -DL4R_EMULATE_TILES $(FLAGS_C) -O1' LINK='$(LINK)' OBJECTS='$(filter-out $(BUILD)/tests/stack/%,$(KERNEL_TESTS)) $(LIBRARY)' LIBS='$(CRITERION) $(LIBS)' \
	  BESIDE='$(EMULATED_OBJECTS)' ROWS=$(BUILD)/kernels/emulated.rows sh tests/mutants.sh $(BUILD)/kernels $(or $(MUTANTS),tests/mutants/x86.tsv)

# The same in the runner of tests/plain, for kernels of another processor: UNDER runs them, ROWS says which run.
.PHONY: plain-mutants
plain-mutants: $(PLAIN)
	@COMPILE='$(CC) $(FLAGS_C) -O1' LINK='$(LINK)' LIBS='$(LIBS)' \
	  OBJECTS='$(BUILD)/tests/plain/main.o $(KERNEL_TESTS) $(BUILD)/tests/train/layers/test_layers_gemm.o $(LIBRARY)' \
	  sh tests/mutants.sh $(BUILD)/kernels $(MUTANTS)

.PHONY: kill-points
kill-points: $(PROGRAM) $(KILL) ## kill every command that writes before each fsync, link, rename and unlink, and check that files are old or new, never mixed
	@sh tests/kill/points.sh $(RUN) $(KILL) $(KILL_CASES)

# The stack on which returns are watched (what gcc 13 and later do unasked) has no place for AVX-512's 64 aligned bytes: gcc 14.2
# reads one of them by vmovaps, and the program ends there.
ASAN_CHECKS = detect_leaks=1:detect_stack_use_after_return=0
.PHONY: sanitize
sanitize: deps-lint ## run the unit tests under AddressSanitizer and UBSan
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(BUILD)/asan PROGRAM=$(BUILD)/asan/lite4rec OPT=-O1 \
	  SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer' \
	  $(BUILD)/asan/lite4rec $(BUILD)/asan/unit-tests
	@rm -f $(BUILD)/asan/report.*
	@$(HERE) ASAN_OPTIONS=$(ASAN_CHECKS):log_path=$(abspath $(BUILD))/asan/report LITE4REC=$(call command,$(BUILD)/asan/lite4rec) sh tests/run.sh $(BUILD)/asan/unit-tests || \
	  { grep -hA40 -E 'ERROR: AddressSanitizer|runtime error' $(BUILD)/asan/report.* >&2; exit 1; }
	@set -- $(BUILD)/asan/report.*; [ ! -e "$$1" ] || echo "sanitize: $$# test processes freed not all they took; LeakSanitizer's words are in $(BUILD)/asan/report.*"

# ThreadSanitizer's shadow of gcc 12 collides with the maps of kernels that randomise more than it knows.
FIXED_MAP = $(shell setarch -R true 2>/dev/null && echo setarch -R)
# Settings of a build of its own, in that folder.
TSAN = BUILD=$(BUILD)/$1 PROGRAM=$(BUILD)/$1/lite4rec OPT=-O1 SANITIZE='-fsanitize=thread -fno-omit-frame-pointer'
.PHONY: tsan tsan-ranks
# Libraries of MPI are not made for it: what they do among themselves is theirs, and MPICH's (4.0.2, UCX) dies of it in MPI_Finalize.
tsan-ranks: deps-test ## run what ranks say to each other under ThreadSanitizer
	$(Q)set -e; for m in $(filter ompi-c,$(MPIS_TESTED)); do tests=$(BUILD)/tsan-ranks/mpi/$$m/comm-tests; \
	  $(MAKE) --no-print-directory -j$$(nproc) $(call TSAN,tsan-ranks) $$tests; \
	  MPI_NAME=$$m COMM_TESTS=$$tests LITE4REC=$$tests PLAIN_LITE4REC=$$tests \
	  PMIX_MCA_gds=hash TSAN_OPTIONS='halt_on_error=1 exitcode=66 ignore_noninstrumented_modules=1' $(FIXED_MAP) sh tests/mpi/run.sh comm; done
# Left out, for their minutes: slopes, which one thread computes a thousand times over, trainings until something is learnt, which tests/tsan.sh
# makes short, forgeries of records, scripts whose programs begin one after another, and further schemes of ids and sets of instructions, which
# the same threads compute.
tsan: deps-test ## run the unit tests, and training and serving on several threads, under ThreadSanitizer
	@$(MAKE) --no-print-directory -j$$(nproc) $(call TSAN,tsan) $(BUILD)/tsan/lite4rec $(BUILD)/tsan/plain-tests
	@$(FIXED_MAP) sh tests/tsan.sh $(call command,$(BUILD)/tsan/lite4rec)
	@$(HERE) TIMEOUT=900 LITE4REC_TESTS_EVERY=7 LITE4REC=$(call command,$(BUILD)/tsan/lite4rec) TSAN_OPTIONS='halt_on_error=1 exitcode=66' $(FIXED_MAP) sh tests/run.sh $(BUILD)/tsan/plain-tests \
	  --filter '!(@(accuracy_script|cheats|make)/*|map/the_campaign_*|*slope_of_the_loss*|*finite_differences*|*learns_a_ring*|*to_walk_in_circles*|@(exact|beam)_engine/*_by_@(digits|tokens|paths*)|blis_company/*_with*)'

# Valgrind knows no AVX-512, so the kernels of before run; its own threads are one, so none is spun for. Tests of every case take every
# seventh (tests/support/every.h). Left out: suites that compute or wait for minutes under it (cheats measures anew for every forgery), what make does, other
# projects' engines, what the processor says of itself, which valgrind answers, what its counters count, how fast BLIS's kernels are, what
# happens where memory ends, which ends valgrind too, and journal, which hashes /proc/self/exe: all processes of valgrind read that file at one
# place, so that two at a time each read some of it.
.PHONY: valgrind
valgrind: deps-check $(PROGRAM) $(PLAIN) ## run all but the longest unit tests under valgrind, which finds uninitialised memory
	@$(HERE) TIMEOUT=900 LITE4REC_TESTS_EVERY=7 UNDER='valgrind -q --error-exitcode=9 --suppressions=tests/valgrind.supp' sh tests/run.sh --isa avx2 $(PLAIN) \
	  --filter '!(@(hardware|beam_engine|beam_parity|beam_train|blis_bf16|blis_bf16x3|blis_company|blis_decoder|blis_encoder|blis_head|blis_precision|ceiling|peak|controls|cheats|cpu_id|exact_engine|exact_parity|journal|peer_python|protocol|rates|record|red|stack_*|layers*|lite_sampled|lite_train|make|trainer|train_command)/*|json/a_run_writes_no_record_with_a_hole|history/figures_have_a_bounded_number_of_records|history/long_series_show_what_matters_and_count_the_rest|unseen/a_second_search_fills_what_the_history_took|blas/the_choice_is_measured_and_handed_on|table/what_cannot_be_whole_is_not_printed)'

.PHONY: fuzz
fuzz: deps-lint $(PROGRAM) ## fuzz every reader of files for FUZZ_SECONDS (60) each: make fuzz [FUZZ_TARGETS="safetensors config"]
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(BUILD)/fuzz CC=clang CXX=clang++ OPT=-O1 \
	  FUZZ=1 SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer' fuzz-targets
	@$(HERE) sh tests/fuzz/run.sh $(BUILD)/fuzz

.PHONY: fuzz-targets
fuzz-targets: $(if $(FUZZ_TARGETS),$(FUZZ_TARGETS:%=$(BUILD)/fuzz-%),$(FUZZ_PROGRAMS))

SCRIPTS := $(shell find baselines bench plots tests -name '*.sh')
LINTED = $$(find impl baselines bench tests plots Makefile .ci/run -type f '(' -name '*.[ch]' -o -name '*.cc' -o -name '*.sh' -o -name '*.py' \
  -o -name '*.gp' -o -name '*.awk' -o -name '*.css' -o -name '*.js' -o -name Makefile -o -path .ci/run ')' -not -path '*/golden/*')
.PHONY: lint
lint: deps-lint ## check formatting and licence lines, compile with warnings as errors (gcc, clang, musl's headers), and analyse
	$(Q)lacking=$$(grep -L 'SPDX-License-Identifier: BSD-3-Clause' $(LINTED)); \
	[ -z "$$lacking" ] || { echo "lint: no line 'SPDX-License-Identifier: BSD-3-Clause' in:" $$lacking >&2; exit 1; }
	$(Q)grep -q 'BSD-3-Clause' README.md && [ -s LICENSE ] || { echo "lint: README.md does not state the licence" >&2; exit 1; }
	$(Q)[ ! -e .git ] || for f in $$(git ls-tree --name-only HEAD); do case ' $(DISTRIBUTED) ' in *" $$f "*) ;; \
	*) echo "lint: $$f is not among the Makefile's DISTRIBUTED: a tarball made without git would lack it" >&2; exit 1;; esac; done
	$(Q)$(CLANG_FORMAT) --dry-run --Werror $$(find impl baselines bench tests -name '*.[ch]' -o -name '*.cc' | grep -v /golden/)
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(BUILD)/lint-gcc CC=gcc CXX=g++ WERROR=1 PROGRAM=$(BUILD)/lint-gcc/lite4rec \
	  $(BUILD)/lint-gcc/lite4rec $(BUILD)/lint-gcc/unit-tests $(BUILD)/lint-gcc/check-tests $(BUILD)/lint-gcc/plain-tests $(BUILD)/lint-gcc/slowed \
	  $(foreach m,$(MPIS_TESTED),$(BUILD)/lint-gcc/mpi/$m/comm-tests)
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(BUILD)/lint-clang CC=clang CXX=clang++ WERROR=1 PROGRAM=$(BUILD)/lint-clang/lite4rec \
	  $(BUILD)/lint-clang/lite4rec $(BUILD)/lint-clang/unit-tests $(BUILD)/lint-clang/check-tests $(BUILD)/lint-clang/plain-tests $(BUILD)/lint-clang/slowed \
	  $(foreach m,$(MPIS_TESTED),$(BUILD)/lint-clang/mpi/$m/comm-tests)
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(BUILD)/lint-gcc CC=gcc CXX=g++ WERROR=1 analyse
	$(Q)sh tests/layers.sh $(BUILD)/lint-gcc
	$(Q)sh tests/mutants.sh --check tests/mutants/*.tsv
	$(Q)shellcheck -S warning $(filter %.sh,$(SCRIPTS)) .ci/run
	@$(MAKE) --no-print-directory musl
	@echo "lint: clean"

# The analyser follows values through each C file whose object is newer than the last time it was clean, so after a header changed
# through those that include it. At most 40000 states a function: the default of 225000 takes two to eight times as long in the
# largest files, and what it found beyond was false.
ANALYSE_FLAGS = $(NEEDED_CPPFLAGS) -std=c11 -Xclang -analyzer-config -Xclang max-nodes=40000
KNOWING = -include tests/lint/failures.h
ANALYSER := .clang-tidy tests/lint/failures.h tests/lint/planted.sh
.PHONY: analyse
analyse: $(BUILD)/planted.analysed $(C_SOURCES:%.c=$(BUILD)/%.analysed)
	@echo "analyse: $(words $(C_SOURCES)) files, no findings"
$(BUILD)/planted.analysed: $(ANALYSER)
	@mkdir -p $(@D)
	$(Q)CLANG_TIDY='$(CLANG_TIDY) --quiet --config-file=.clang-tidy' sh tests/lint/planted.sh $(BUILD)/planted $(ANALYSE_FLAGS) $(KNOWING) && touch $@
# Its own definitions cannot be macros.
$(BUILD)/impl/base/error.analysed: KNOWING =
$(BUILD)/%.analysed: %.c $(BUILD)/%.o $(ANALYSER)
	$(call say,ANALYSE,$<)$(CLANG_TIDY) --quiet --config-file=.clang-tidy $< -- $(ANALYSE_FLAGS) $(KNOWING) >$(@:.analysed=.findings) 2>&1 && touch $@ || \
	{ cat $(@:.analysed=.findings); exit 1; }

# Headers of libraries and of the kernel, and nothing of glibc's, beside those of musl-gcc.
MUSL := $(BUILD)/musl
MUSL_HEADERS = linux asm asm-generic hwloc.h hwloc jansson.h jansson_config.h utf8proc.h zlib.h zconf.h openssl blis.h arpack \
  papi.h papiStdEventDefs.h
MUSL_CC = musl-gcc $(FLAGS_C) -Werror -idirafter $(MUSL)/all -idirafter $(MUSL)/machine
.PHONY: musl
musl: ## compile every C file against musl's headers, if musl-gcc is installed
	$(Q)if ! command -v musl-gcc >/dev/null; then echo "musl: skipped, musl-gcc is not installed (package musl-tools)"; exit 0; fi; \
	rm -rf $(MUSL) && mkdir -p $(MUSL)/all $(MUSL)/machine && for h in $(MUSL_HEADERS); do \
	  [ ! -e /usr/include/$$h ] || ln -s /usr/include/$$h $(MUSL)/all; \
	  m=/usr/include/$$($(CC) -print-multiarch)/$$h; [ ! -e $$m ] || ln -s $$m $(MUSL)/machine; done; \
	printf '%s\n' $(C_SOURCES) | xargs -P $$(nproc) -I{} $(MUSL_CC) -fsyntax-only {} && \
	echo "musl: $(words $(C_SOURCES)) files compile"

# The contracts of the public headers, which are written for it.
DOXYGEN = PROJECT_NAME=lite4rec; PROJECT_NUMBER=$(VERSION); INPUT=impl baselines bench; FILE_PATTERNS=*.h; RECURSIVE=YES; EXTRACT_ALL=YES; \
  OPTIMIZE_OUTPUT_FOR_C=YES; JAVADOC_AUTOBRIEF=YES; GENERATE_LATEX=NO; QUIET=YES; WARN_IF_UNDOCUMENTED=NO; OUTPUT_DIRECTORY=$(BUILD)/doc
.PHONY: doc
doc: ## make pages of the headers' contracts with Doxygen: build/doc/html/index.html
	$(call install_packages,'$(PACKAGES_DOC)')
	@mkdir -p $(BUILD)/doc && printf '%s\n' '$(DOXYGEN)' | tr ';' '\n' | doxygen - && echo "doc: $(BUILD)/doc/html/index.html"

.PHONY: format
format: ## format the sources with clang-format
	$(Q)$(CLANG_FORMAT) -i $$(find impl baselines bench tests -name '*.[ch]' -o -name '*.cc' | grep -v /golden/)

.PHONY: demo
demo: deps ## build, train and measure on synthetic data, and print the table
	@$(MAKE) --no-print-directory -j$$(nproc) $(PROGRAM)
	@$(HERE) DEMO="$${DEMO:-$(BUILD)/demo}" sh bench/experiments/demo.sh

.PHONY: bench
bench: $(PROGRAM) ## measure the ceilings of this machine and the speed of every stage beside them (a quarter of an hour)
	@$(HERE) OUT="$${OUT:-$(BUILD)/bench}" sh bench/experiments/bench.sh

.PHONY: bench-peers
bench-peers: $(PROGRAM) ## race the engines of make peers in every precision, resumable: make bench-peers [RECORDS=results/MACHINE-peers] (ninety minutes)
	@LITE4REC=$(RUN) LITE4REC_PEERS="$${LITE4REC_PEERS:-$(BUILD)/peers$(if $(wildcard $(BUILD)/peers-pypi/torch),-pypi)}" OUT="$${OUT:-$(BUILD)/bench-peers}" sh bench/experiments/peers.sh

.PHONY: growth
growth: $(PROGRAM) ## measure time and memory by history, catalogue, beams, batch and threads (about three minutes)
	@$(HERE) OUT="$${OUT:-$(BUILD)/growth}" sh bench/experiments/growth.sh

# The code of the ranks with computing left out (bench/scale/pattern.c), for this machine and for SimGrid's SMPI.
SCALE_SOURCES = bench/scale/pattern.c $(sort $(wildcard impl/comm/*.c)) impl/shards/link.c impl/shards/order.c \
  $(addprefix impl/base/,error.c memory.c text.c log.c number.c team.c terminal.c) impl/rank.c
SCALE_MPI = $(BUILD)/mpi/$(firstword $(MPIS_TESTED) ompi-c)
.PHONY: scale
scale: $(SCALE_MPI)/lite4rec $(SCALE_MPI)/scale-pattern $(BUILD)/scale-pattern-smpi ## measure serving on one and two ranks, and simulate up to 256 from that (MPI, simgrid; an idle machine, an hour): make scale [PARTS=serve]
	@LITE4REC=$(SCALE_MPI)/lite4rec PLAIN=$(SCALE_MPI)/scale-pattern SIMULATED=$(BUILD)/scale-pattern-smpi \
	  OUT="$${OUT:-$(BUILD)/scale}" sh bench/experiments/scale.sh
$(BUILD)/mpi/%/scale-pattern: $(MPI_OBJECTS) $(BUILD)/bench/scale/pattern.o $(LIBRARY) $(LINK_STAMP)
	$(call say,LINK,$@)$(LINK) -o $@ $(LINKED) $(call mpi_flags,-l% -L%,$*) $(LIBS)
# By SimGrid's compiler, whose words for malloc are not ours, in one go.
$(BUILD)/scale-pattern-smpi: $(SCALE_SOURCES) bench/scale/smpi.h $(FLAGS_STAMP)
	$(call say,SMPICC,$@)smpicc -include bench/scale/smpi.h -DSMPI_NO_OVERRIDE_MALLOC=1 -DL4R_SIMULATED -DL4R_WITH_MPI -D_GNU_SOURCE -I. \
	  -O2 -g $(WARN) -std=c11 -o $@ $(SCALE_SOURCES) -lm -lpthread

.PHONY: map
map: $(PROGRAM) ## measure cells of the map of the time claim and draw it, resumable (hours; bench/experiments/map.sh says what shortens it)
	@$(HERE) OUT="$${OUT:-$(BUILD)/map}" sh bench/experiments/map.sh

.PHONY: gate
gate: $(PROGRAM) $(SLOWED) ## show that the gate catches a deliberate slowdown and stays silent without one
	@$(HERE) OUT="$${OUT:-$(BUILD)/gate}" SLOWED=$(SLOWED) sh bench/experiments/gate.sh

.PHONY: train-speed
train-speed: $(PROGRAM) ## measure training beside PyTorch on the same models: make train-speed [DATA=folder] [ARMS="..."]
	@$(HERE) WORK="$${WORK:-$(BUILD)/train-speed}" DATA="$(DATA)" sh baselines/peers/train_speed.sh

.PHONY: import-speed
import-speed: $(PROGRAM) ## time the import of a generated table of MovieLens-32M's size: seconds, lines per second, memory
	@LITE4REC=./$(PROGRAM) sh bench/experiments/import_speed.sh

.PHONY: people
people: deps-check $(PROGRAM) ## walk what a newcomer, a vendor, a reviewer, a CI engineer and a researcher do, on synthetic data
	@for walk in $(filter-out %/prelude.sh,$(wildcard tests/people/*.sh)); do $(HERE) OUT=$(BUILD)/people sh $$walk || exit 1; done

.PHONY: peers
peers: $(PROGRAM) ## set up engines of other projects in build/ (needs python3-torch, python3-venv; TORCH=pypi: the newest PyTorch, 7.5 GB)
	@TORCH="$(TORCH)" OUT="$${OUT:-$(BUILD)/peers$(if $(filter pypi,$(TORCH)),-pypi)}" sh baselines/peers/make.sh

.PHONY: plots
plots: $(PROGRAM) ## draw figures from a folder of records: make plots RECORDS=results OUT=plots/out
	@$(HERE) sh plots/plots.sh "$${RECORDS:-results}" "$${OUT:-plots/out}"

.PHONY: search
search: $(PROGRAM) ## train settings one after another and say what validation says of each: make search TABLE=bench/experiments/recipe.search
	@$(HERE) TABLE="$(TABLE)" OUT="$${OUT:-$(BUILD)/search}" sh bench/experiments/search.sh

.PHONY: accuracy
accuracy: $(PROGRAM) ## train and evaluate the accuracy rows of a data set, resumable: make accuracy DATASET=ml-1m|beauty|toys [PRETRAINED=folder]
	@$(HERE) PRETRAINED="$(PRETRAINED)" DATASET="$(DATASET)" OUT="$${OUT:-$(BUILD)/accuracy/$(DATASET)}" sh bench/experiments/accuracy.sh

.PHONY: beam-exact
beam-exact: $(PROGRAM) ## rank exactly and by several numbers of beams for all users, and compare: make beam-exact MODEL=folder DATA=folder
	@$(HERE) MODEL="$(MODEL)" DATA="$(DATA)" OUT="$${OUT:-$(BUILD)/beam-exact}" sh bench/experiments/beam_exact.sh

.PHONY: schema
schema: $(PROGRAM) ## generate results/schema.json and the members in bench/record/README.md from bench/record/fields.inc.h
	$(RUN) info --schema >$(BUILD)/schema.json && mv $(BUILD)/schema.json results/schema.json
	{ sed '/^<!-- members/q' bench/record/README.md; $(RUN) info --members; sed -n '/^<!-- end of members/,$$p' bench/record/README.md; } \
	  >$(BUILD)/members.md && mv $(BUILD)/members.md bench/record/README.md

.PHONY: results-readme
results-readme: $(PROGRAM) ## make the tables in the READMEs of results/ of the records there
	@$(HERE) sh bench/experiments/results_readme.sh $(BUILD)/results-readme && cp -R $(BUILD)/results-readme/. results/

.PHONY: reproduce
reproduce: $(PROGRAM) ## run the blocks of REPRODUCE.md that carry a mark: make reproduce MARK=quick|needs-data|full
	@sh tests/reproduce.sh $(or $(MARK),quick)

# What pkg-config says of the library, which is a static one: --static adds what it needs itself.
PC = prefix=$(PREFIX)|libdir=$${prefix}/lib|includedir=$${prefix}/include||Name: lite4rec|Version: $(VERSION)| \
  Description: recommenders built on language models, served on CPUs|Cflags: -I"$${includedir}"|Libs: -L"$${libdir}" -llite4rec|Libs.private: $(strip $(LIBS)) -lstdc++

# Programs for `peer:NAME` and the script that makes their environment; what trains beside them is for the sources alone.
PEER_FILES = $(filter-out baselines/peers/train_%,$(wildcard baselines/peers/*.py)) baselines/peers/make.sh baselines/peers/README.md

.PHONY: install
install: $(PROGRAM) $(LIBRARY) ## copy program, manual page, completion, library and its headers (pkg-config lite4rec) below PREFIX
	$(RUN) man | gzip -9n >$(BUILD)/lite4rec.1.gz
	for shell in bash zsh fish; do $(RUN) completion $$shell >$(BUILD)/lite4rec.$$shell || exit 1; done
	@printf '%s\n' '$(PC)' | sed 's/| */\n/g' >$(BUILD)/lite4rec.pc
	install -D -m 755 $(PROGRAM) '$(DESTDIR)$(PREFIX)/bin/lite4rec'
	install -D -m 644 $(BUILD)/lite4rec.1.gz '$(DESTDIR)$(PREFIX)/share/man/man1/lite4rec.1.gz'
	install -D -m 644 $(BUILD)/lite4rec.bash '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/lite4rec'
	install -D -m 644 $(BUILD)/lite4rec.zsh '$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_lite4rec'
	install -D -m 644 $(BUILD)/lite4rec.fish '$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/lite4rec.fish'
	install -d '$(DESTDIR)$(PREFIX)/share/lite4rec/peers' '$(DESTDIR)$(PREFIX)/share/lite4rec/plots'
	install -m 644 $(PEER_FILES) '$(DESTDIR)$(PREFIX)/share/lite4rec/peers'
	install -m 644 $(wildcard plots/*.sh plots/*.gp plots/*.awk) '$(DESTDIR)$(PREFIX)/share/lite4rec/plots'
	install -D -m 644 $(LIBRARY) '$(DESTDIR)$(PREFIX)/lib/liblite4rec.a'
	install -D -m 644 $(BUILD)/lite4rec.pc '$(DESTDIR)$(PREFIX)/lib/pkgconfig/lite4rec.pc'
	$(call install_headers,$(DESTDIR)$(PREFIX)/include)

.PHONY: uninstall
uninstall: ## remove what install put there
	rm -f '$(DESTDIR)$(PREFIX)/bin/lite4rec' '$(DESTDIR)$(PREFIX)/share/man/man1/lite4rec.1.gz' \
	  '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/lite4rec' \
	  '$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_lite4rec' \
	  '$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/lite4rec.fish' \
	  '$(DESTDIR)$(PREFIX)/lib/liblite4rec.a' '$(DESTDIR)$(PREFIX)/lib/pkgconfig/lite4rec.pc'
	rm -rf '$(DESTDIR)$(PREFIX)/include/lite4rec' '$(DESTDIR)$(PREFIX)/share/lite4rec'

# Debian takes a hyphen for its own revision.
DEB_VERSION = $(VERSION)$(if $(GIT),+g$(subst -,.,$(GIT)))
DEB = $(BUILD)/lite4rec_$(DEB_VERSION)_$(shell dpkg --print-architecture 2>/dev/null).deb
.PHONY: deb check-deb
deb: $(PROGRAM) $(LIBRARY) ## make a package for this release of Debian or Ubuntu
	@rm -rf $(BUILD)/deb && $(MAKE) --no-print-directory install DESTDIR=$(abspath $(BUILD))/deb PREFIX=/usr >/dev/null
	@strip --strip-unneeded $(BUILD)/deb/usr/bin/lite4rec
	@sh bench/deb.sh $(BUILD)/deb '$(DEB_VERSION)' '$(DEB)'

check-deb: deb ## the package installs, works and is removed in a minimal Debian (root, debootstrap, a mirror)
	@sh tests/deb/smoke.sh '$(DEB)' $(SUITE)

# Below a path with a blank, as a newcomer has one.
INSTALLED = $(abspath $(BUILD))/installed here
.PHONY: check-install
check-install: $(PROGRAM) ## what `make install` puts there is enough to build an engine and a program of one's own
	@rm -rf '$(INSTALLED)' && $(MAKE) --no-print-directory install DESTDIR= PREFIX='$(INSTALLED)' >/dev/null
	@CC='$(CC)' CXX='$(CXX)' PKG_CONFIG='$(PKG_CONFIG)' sh tests/plugin/installed.sh '$(INSTALLED)'
	@$(MAKE) --no-print-directory uninstall DESTDIR= PREFIX='$(INSTALLED)' >/dev/null
	@left=$$(find '$(INSTALLED)' -type f); [ -z "$$left" ] || { echo "uninstall left: $$left" >&2; exit 1; }; rm -rf '$(INSTALLED)'

# The commit's files, or without git those of the folders that it has; DIST names the tarball.
DISTRIBUTED = .ci .clang-format .clang-tidy .commit .editorconfig .gitattributes .gitignore CITATION.cff LICENSE Makefile NEWS README.md REPRODUCE.md baselines bench impl plots results tests
DIST ?= $(BUILD)/lite4rec-$(or $(GIT),source).tar.gz
.PHONY: dist
dist: ## make a tarball of the sources that builds by itself
	@mkdir -p $(dir $(DIST))
	@if [ -e .git ]; then git archive --prefix=$(notdir $(DIST:.tar.gz=))/ HEAD | gzip -9n >$(DIST).part; \
	  else find $(DISTRIBUTED) -type f -not -path 'plots/out/*' -not -path '*/__pycache__/*' | sort | \
	    tar --create --owner=0 --group=0 --transform='s,^,$(notdir $(DIST:.tar.gz=))/,' --files-from=- | gzip -9n >$(DIST).part; fi
	@mv $(DIST).part $(DIST) && echo $(DIST)

.PHONY: clean
clean: ## remove everything that was built
	rm -rf $(BUILD) $(PROGRAM)

# --- other instruction sets, other processors ----------------------------------------------------
# arm64: cross-compiled against this release's own arm64 libraries, which tests/arm64/root.sh unpacks below
# build/; run by qemu. Criterion's library hangs there, so the tests run in the runner of tests/plain.
PACKAGES_ARM64 = gcc-aarch64-linux-gnu g++-aarch64-linux-gnu qemu-user-static
ARM64_ROOT  := $(abspath $(BUILD)/arm64-root)
ARM64_LIBRARIES = $(filter-out gcc g++ pkg-config|pkgconf gnuplot-nox git clang libomp-dev,$(PACKAGES_RUN)) $(PACKAGES_OPTIONAL) $(PACKAGES_TEST)
ARM64_CACHE ?=
ARM64_MAKE = PKG_CONFIG_LIBDIR=$(ARM64_ROOT)/usr/lib/aarch64-linux-gnu/pkgconfig PKG_CONFIG_SYSROOT_DIR=$(ARM64_ROOT) \
  $(MAKE) --no-print-directory BUILD=$(BUILD)/arm64 PROGRAM=$(BUILD)/arm64/lite4rec AR=aarch64-linux-gnu-ar \
  CC='$(ARM64_CACHE) aarch64-linux-gnu-gcc --sysroot=$(ARM64_ROOT)' CXX='$(ARM64_CACHE) aarch64-linux-gnu-g++ --sysroot=$(ARM64_ROOT)'

.PHONY: isa
isa: deps-test ## run the stack's tests with every instruction set below this processor's own
	@$(MAKE) --no-print-directory -j$$(nproc) $(PROGRAM) $(TESTS)
	@sh tests/isa.sh $(TESTS)

.PHONY: arm64
arm64: deps ## run the unit tests on 64-bit Arm under qemu, and name those that cannot run there
	@sh tests/arm64/run.sh $(ARM64_ROOT) $(BUILD)/arm64 "$(PACKAGES_ARM64)" $(ARM64_LIBRARIES)

# arm64 and pmu-guest share the build, one at a time.
.PHONY: arm64-root arm64-build arm64-mutants
arm64-root:
	@sh tests/arm64/root.sh $(ARM64_ROOT) $(ARM64_LIBRARIES)
arm64-build: arm64-root
	@flock $(BUILD)/arm64.lock env $(ARM64_MAKE) -j$$(nproc) $(BUILD)/arm64/lite4rec $(BUILD)/arm64/plain-tests
arm64-mutants:
	@$(ARM64_MAKE) plain-mutants MUTANTS=tests/mutants/arm64.tsv

# A machine with counters where this one has none.
PACKAGES_GUEST = qemu-system-arm cpio $(PACKAGES_ARM64)
.PHONY: pmu-guest deps-guest
pmu-guest: deps ## boot an arm64 kernel with an emulated PMU and see the counters count there
	@$(MAKE) --no-print-directory -j$$(nproc) $(PROGRAM)
	@$(HERE) sh tests/guest/run.sh $(ARM64_ROOT) $(BUILD)/arm64 $(BUILD)/guest $(ARM64_LIBRARIES)
deps-guest:
	$(call install_packages,'$(PACKAGES_GUEST)')
