# SPDX-License-Identifier: BSD-3-Clause
# lite4rec: `make help` lists what there is. No configure step; every setting below can be overridden
# on the command line or in the environment (make CC=clang V=1).

# --- settings ------------------------------------------------------------------------------------
CC        ?= cc
CXX       ?= c++
OPT       ?= -O2
SANITIZE  ?=
WERROR    ?=
BUILD     ?= build
PREFIX    ?= /usr/local
SUDO      ?= $(shell [ "$$(id -u)" = 0 ] || echo sudo)
CLANG_FORMAT ?= clang-format-19

# One Debian package a line of need; the reasons stand in README.md ("Dependencies").
PACKAGES_RUN  = gcc g++ libc6-dev libblis-dev libhwloc-dev libpapi-dev libsentencepiece-dev \
                libarpack2-dev libjansson-dev zlib1g-dev libssl-dev pkg-config gnuplot-nox git
PACKAGES_TEST = libcriterion-dev
PACKAGES_LINT = clang clang-format-19 libclang-rt-dev
PACKAGES_CHECK = valgrind

# --- machinery -----------------------------------------------------------------------------------
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' $(1) $(2);)

WARN    = -Wall -Wextra -Wshadow -Wvla -Wpointer-arith -Wwrite-strings -Wno-unused-parameter \
          $(if $(WERROR),-Werror)
CPPFLAGS += -I. -D_GNU_SOURCE
CFLAGS  += -std=c11 $(OPT) -g $(WARN) -Wstrict-prototypes -Wmissing-prototypes $(SANITIZE)
CXXFLAGS += -std=c++17 $(OPT) -g $(WARN) $(SANITIZE)
LDFLAGS += $(SANITIZE)
LDLIBS  += -lblis -lhwloc -lpapi -lsentencepiece_train -lsentencepiece -larpack -ljansson -lz -lcrypto -lstdc++ -lpthread -lm

# Kernels in the compiler's vector extension: full unrolling and fused multiply-adds, these files only;
# and plain loops over rows, unrolled.
CFLAGS_impl_train_layers_kernels = -O3 -ffp-contract=fast
CFLAGS_impl_train_layers_gemm = -O3 -ffp-contract=fast
CFLAGS_impl_train_layers_sasrec = -O3

C_SOURCES  := $(sort $(shell find impl baselines bench -name '*.c'))
CC_SOURCES := $(sort $(shell find impl baselines bench -name '*.cc'))
MAIN       := bench/lite4rec.c
# The training layers are compiled once more with double, for the gradient tests alone.
DOUBLE_SOURCES := $(sort $(wildcard impl/train/layers*.c))
TEST_SOURCES   := $(sort $(shell find tests -name '*.c' -not -path 'tests/check/*' -not -path 'tests/fuzz/*' -not -path 'tests/plain/*' -not -path 'tests/red/programs/*'))
FUZZ_SOURCES   := $(sort $(wildcard tests/fuzz/*.c))
FUZZ_TARGETS   := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz-%,$(filter-out tests/fuzz/input.c,$(FUZZ_SOURCES)))
CHECK_SOURCES  := $(sort $(wildcard tests/check/*.c))

OBJECTS      := $(C_SOURCES:%.c=$(BUILD)/%.o) $(CC_SOURCES:%.cc=$(BUILD)/%.o)
LIB_OBJECTS  := $(filter-out $(BUILD)/$(MAIN:.c=.o),$(OBJECTS))
DOUBLE_OBJECTS := $(DOUBLE_SOURCES:%.c=$(BUILD)/%.double.o)
TEST_OBJECTS := $(TEST_SOURCES:%.c=$(BUILD)/%.o)
CHECK_OBJECTS := $(CHECK_SOURCES:%.c=$(BUILD)/%.o)
FUZZ_OBJECTS := $(FUZZ_SOURCES:%.c=$(BUILD)/%.o)
PROGRAM      ?= lite4rec
TESTS        := $(BUILD)/unit-tests
CHECKS       := $(BUILD)/check-tests
PLAIN        := $(BUILD)/plain-tests
SLOWED       := $(BUILD)/slowed

.PHONY: all
all: $(PROGRAM) ## build ./lite4rec
	@echo "Hint: 'make demo' trains and measures everything on synthetic data; 'make help' lists the rest."

LIBRARY := $(BUILD)/liblite4rec.a
$(LIBRARY): $(LIB_OBJECTS)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

$(PROGRAM): $(OBJECTS)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(TESTS): $(TEST_OBJECTS) $(DOUBLE_OBJECTS) $(LIBRARY)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -o $@ $^ -lcriterion $(LDLIBS)

$(CHECKS): $(CHECK_OBJECTS) $(filter $(BUILD)/tests/support/%,$(TEST_OBJECTS)) $(DOUBLE_OBJECTS) $(LIBRARY)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -o $@ $^ -lcriterion $(LDLIBS)

$(FUZZ_TARGETS): $(BUILD)/fuzz-%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/input.o $(LIBRARY)
	$(call say,LINK,$@)$(CC) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(PLAIN): $(BUILD)/tests/plain/main.o $(TEST_OBJECTS) $(DOUBLE_OBJECTS) $(LIBRARY)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(SLOWED): $(BUILD)/tests/red/programs/slowed.o
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -o $@ $^ -ljansson

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS_$(subst /,_,$*)) -MMD -MP -c -o $@ $<

$(BUILD)/%.double.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,"$< (double)")$(CC) $(CPPFLAGS) -DL4R_DOUBLE $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.cc
	@mkdir -p $(@D)
	$(call say,CXX,$<)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

# Fuzzing reads files; clang takes minutes to instrument unrolled kernels, which read none.
ifdef FUZZ
$(BUILD)/impl/blis/%.o $(BUILD)/impl/train/%.o: override SANITIZE :=
endif

# Embedded by the assembler, which leaves no trace in the .d files.
$(BUILD)/bench/claims/paper.o: bench/claims/paper.json
$(BUILD)/bench/harness/group.o: $(wildcard bench/groups/*.txt bench/groups/*/*.txt)
$(BUILD)/bench/report/assets.o: $(wildcard plots/*) bench/report/page.css bench/report/page.js

# The manifest states how the binary was built.
$(BUILD)/bench/harness/build_info.o: CPPFLAGS += -DL4R_BUILD_CC='"$(shell $(CC) --version 2>/dev/null | head -1)"' \
  -DL4R_BUILD_FLAGS='"$(CFLAGS)"' -DL4R_BUILD_GIT='"$(GIT)"'
# Rebuilt when the commit changes; a copy of the sources without git has none.
GIT := $(shell git describe --always --dirty --exclude='*' 2>/dev/null)
GIT_STAMP := $(BUILD)/git-$(or $(GIT),none)
$(GIT_STAMP):
	@mkdir -p $(@D); rm -f $(BUILD)/git-*; touch $@
$(BUILD)/bench/harness/build_info.o: $(GIT_STAMP)

-include $(BUILD)/tests/red/programs/slowed.d $(BUILD)/tests/plain/main.d $(OBJECTS:.o=.d) $(DOUBLE_OBJECTS:.o=.d) $(TEST_OBJECTS:.o=.d) $(CHECK_OBJECTS:.o=.d) $(FUZZ_OBJECTS:.o=.d)

# --- what people run -----------------------------------------------------------------------------
.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

define install_packages
	@missing=; for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q '^install ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then echo "installing:$$missing"; \
	  $(SUDO) apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -q --no-install-recommends $$missing >/dev/null || \
	  { echo "could not install:$$missing (run 'apt-get install$$missing' as root)" >&2; exit 4; }; fi
endef

.PHONY: deps deps-test deps-lint deps-check
deps: ## install the Debian packages that building needs (no sudo where all is there)
	$(call install_packages,$(PACKAGES_RUN))
deps-test: deps
	$(call install_packages,$(PACKAGES_TEST))
deps-lint: deps-test
	$(call install_packages,$(PACKAGES_LINT))
deps-check: deps-lint
	$(call install_packages,$(PACKAGES_CHECK))

# Sub-makes, because what `deps` installs decides what the probes above find.
.PHONY: test
test: deps-test ## install, build and run the unit tests
	@$(MAKE) --no-print-directory -j$$(nproc) $(PROGRAM) $(TESTS)
	@sh tests/run.sh $(TESTS)

.PHONY: check
check: test ## the slow tests too, ASan, UBSan, TSan, valgrind, ten minutes of fuzzing, the linter
	@$(MAKE) --no-print-directory -j$$(nproc) $(CHECKS)
	@sh tests/run.sh $(CHECKS)
	@$(MAKE) --no-print-directory sanitize
	@$(MAKE) --no-print-directory tsan
	@$(MAKE) --no-print-directory valgrind
	@$(MAKE) --no-print-directory fuzz
	@$(MAKE) --no-print-directory lint

.PHONY: sanitize
sanitize: deps-lint ## the unit tests under AddressSanitizer and UBSan
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(BUILD)/asan PROGRAM=$(BUILD)/asan/lite4rec OPT=-O1 \
	  SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer' \
	  $(BUILD)/asan/lite4rec $(BUILD)/asan/unit-tests
	@ASAN_OPTIONS=detect_leaks=1 LITE4REC=$(BUILD)/asan/lite4rec sh tests/run.sh $(BUILD)/asan/unit-tests

.PHONY: tsan
tsan: deps-test ## the unit tests, and training and serving on several threads, under ThreadSanitizer
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(BUILD)/tsan PROGRAM=$(BUILD)/tsan/lite4rec OPT=-O1 \
	  SANITIZE='-fsanitize=thread -fno-omit-frame-pointer' $(BUILD)/tsan/lite4rec $(BUILD)/tsan/plain-tests
	@sh tests/tsan.sh $(BUILD)/tsan/lite4rec
	@LITE4REC=$(BUILD)/tsan/lite4rec TSAN_OPTIONS='halt_on_error=1 exitcode=66' JOBS=$$(nproc) sh tests/run.sh $(BUILD)/tsan/plain-tests

# Valgrind knows no AVX-512, so the kernels of before run; its own threads are one, so none is spun for. Left out: suites that
# compute or wait for minutes under it, other projects' engines, and what the processor says of itself, which valgrind answers.
.PHONY: valgrind
valgrind: deps-check $(PROGRAM) $(PLAIN) ## the unit tests but the longest, under valgrind: uninitialised memory
	@L4R_TEST_ISA=avx2 UNDER='valgrind -q --error-exitcode=9 --suppressions=tests/valgrind.supp' JOBS=$$(nproc) sh tests/run.sh $(PLAIN) \
	  --filter '!(beam_engine|beam_parity|beam_train|blis_bf16|blis_decoder|blis_encoder|blis_head|blis_precision|ceiling|controls|cpu_id|peer_python|protocol|rates|record|red|stack_*|layers*|lite_sampled|lite_train|trainer|train_command)/*'

.PHONY: fuzz
fuzz: deps-lint $(PROGRAM) ## libFuzzer over every reader of files, FUZZ_SECONDS (60) each: make fuzz [FUZZ_TARGETS="checkpoint config"]
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(BUILD)/fuzz CC=clang CXX=clang++ OPT=-O1 \
	  FUZZ=1 SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer' fuzz-targets
	@LITE4REC=./$(PROGRAM) sh tests/fuzz/run.sh $(BUILD)/fuzz

.PHONY: fuzz-targets
fuzz-targets: $(FUZZ_TARGETS)

.PHONY: lint
lint: deps-lint ## formatting, and warnings as errors with gcc and clang
	$(Q)$(CLANG_FORMAT) --dry-run --Werror $$(find impl baselines bench tests -name '*.[ch]' -o -name '*.cc' | grep -v /golden/)
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(BUILD)/lint-gcc CC=gcc CXX=g++ WERROR=1 PROGRAM=$(BUILD)/lint-gcc/lite4rec \
	  $(BUILD)/lint-gcc/lite4rec $(BUILD)/lint-gcc/unit-tests $(BUILD)/lint-gcc/check-tests $(BUILD)/lint-gcc/plain-tests $(BUILD)/lint-gcc/slowed
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(BUILD)/lint-clang CC=clang CXX=clang++ WERROR=1 PROGRAM=$(BUILD)/lint-clang/lite4rec \
	  $(BUILD)/lint-clang/lite4rec $(BUILD)/lint-clang/unit-tests $(BUILD)/lint-clang/check-tests $(BUILD)/lint-clang/plain-tests $(BUILD)/lint-clang/slowed
	@echo "lint: clean"

.PHONY: format
format: ## rewrite the sources in the house format
	$(Q)$(CLANG_FORMAT) -i $$(find impl baselines bench tests -name '*.[ch]' -o -name '*.cc' | grep -v /golden/)

.PHONY: demo
demo: deps ## everything on synthetic data: build, train, measure, print the table
	@$(MAKE) --no-print-directory -j$$(nproc) $(PROGRAM)
	@sh bench/demo.sh

.PHONY: bench
bench: $(PROGRAM) ## ceilings of this machine and the speed of every stage beside them: ten minutes
	@LITE4REC=./$(PROGRAM) sh bench/bench.sh

.PHONY: growth
growth: $(PROGRAM) ## time and memory by history, catalogue, beams, batch, threads: some three minutes
	@LITE4REC=./$(PROGRAM) sh bench/growth.sh

.PHONY: gate
gate: $(PROGRAM) $(SLOWED) ## a gate that catches a deliberate slowdown and stays silent without one
	@LITE4REC=./$(PROGRAM) SLOWED=$(SLOWED) sh bench/gate.sh

.PHONY: train-speed
train-speed: $(PROGRAM) ## training beside PyTorch on the same models: make train-speed [DATA=folder] [ARMS="..."]
	@LITE4REC=./$(PROGRAM) DATA="$(DATA)" sh baselines/peers/train_speed.sh

.PHONY: import-speed
import-speed: $(PROGRAM) ## the import of a table of MovieLens-32M's size, made by a script: seconds, lines a second, memory
	@LITE4REC=./$(PROGRAM) sh bench/import_speed.sh

.PHONY: peers
peers: $(PROGRAM) ## engines of other projects, in a virtual environment below build/ (wants python3-torch, python3-venv)
	@sh baselines/peers/make.sh

.PHONY: plots
plots: $(PROGRAM) ## figures from a folder of records: make plots RECORDS=results OUT=plots/out
	@sh plots/plots.sh "$${RECORDS:-results}" "$${OUT:-plots/out}"

.PHONY: accuracy
accuracy: $(PROGRAM) ## accuracy rows of a data set, resumable: make accuracy DATASET=ml-1m|beauty|toys
	@DATASET="$(DATASET)" sh bench/accuracy.sh

.PHONY: reproduce
reproduce: $(PROGRAM) ## REPRODUCE.md's blocks of a mark: make reproduce MARK=quick|needs-data|full
	@sh tests/reproduce.sh $(or $(MARK),quick)

.PHONY: install
install: $(PROGRAM) ## copy lite4rec to PREFIX/bin, with manual page and bash completion below PREFIX/share
	./$(PROGRAM) man | gzip -9n >$(BUILD)/lite4rec.1.gz && ./$(PROGRAM) completion bash >$(BUILD)/lite4rec.bash
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/lite4rec
	install -D -m 644 $(BUILD)/lite4rec.1.gz $(DESTDIR)$(PREFIX)/share/man/man1/lite4rec.1.gz
	install -D -m 644 $(BUILD)/lite4rec.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/lite4rec

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD) $(PROGRAM)
