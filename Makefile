# SPDX-License-Identifier: Apache-2.0
#
# Thin over Meson: one word for what is done often. Each kind of build has its own folder.
#
#	make            build/assay                     make clang      the tests, built by clang
#	make test       all tests                       make fuzz       all fuzz targets, BUDGET=60 s in all
#	make demo       attest emulated machines        make flips      every byte flip, PERCENT=100 of them
#	make asan       the tests under ASan and UBSan  make coverage   lines covered of floors 0 to 3
#	make lint       format, clang-tidy, manual      make bench      speed, beside the signatures alone
#	make floors     includes and symbols            make install    PREFIX=/usr/local, DESTDIR
#	make portable   one archive with all libraries, build-portable/assay-VERSION-x86_64.tar.xz
#
# ASSAY_INTEROP=FOLDER names real evidence for the tests; ../shared/interop unless said.

JOBS     ?= 2
BUDGET   ?= 60
PERCENT  ?= 100
SEED     ?= 1
COVERED  ?= 92
PREFIX   ?= /usr/local
WERROR   ?= false
CORE     := src/(base|format|crypto|verify|appraise|report)/

OPTIONS  := -Dwerror=$(WERROR) $(if $(ASSAY_INTEROP),-Dinterop=$(abspath $(ASSAY_INTEROP)))
SANITIZE := -Db_sanitize=address,undefined -Db_lundef=false -Dbuildtype=debug
C_FILES   = $(shell git ls-files 'include/*.h' 'src/*.[ch]' 'sim/*.[ch]' 'tests/*.[ch]' 'fuzz/*.[ch]' 'bench/*.[ch]' 'tools/*.c')
# A sanitizer's finding ends the program, so that a test cannot pass over it.
STRICT   := ASAN_OPTIONS=detect_leaks=1:abort_on_error=1:allocator_may_return_null=1 \
            UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_stacktrace=1

# $(call built,FOLDER,MESON OPTIONS): set up once, then build
define built
	@test -f $(1)/build.ninja || meson setup $(1) $(OPTIONS) $(2)
	@$(if $(ASSAY_INTEROP),meson configure $(1) -Dinterop=$(abspath $(ASSAY_INTEROP)))
	ninja -C $(1) -j $(JOBS)
endef

all:
	$(call built,build)

test: all
	tools/tally build

demo: all
	tools/demo build

# The other builds run what is quick; the suite "slow" is for test, asan and coverage.
clang:
	$(call built,build-clang,--native-file tools/clang.ini)
	tools/tally build-clang --no-suite slow

release:
	$(call built,build-release,-Dbuildtype=release)
	tools/tally build-release --no-suite slow

# gcc 12 under UBSan warns of conversions that UBSan itself put there.
asan:
	$(call built,build-asan,$(SANITIZE) -Dc_args=-Wno-conversion)
	$(STRICT) tools/tally build-asan --timeout-multiplier 5

coverage:
	$(call built,build-coverage,-Dbuildtype=debug -Db_coverage=true)
	find build-coverage -name '*.gcda' -delete
	tools/tally build-coverage
	gcovr --root . --filter '$(CORE)' --sort-percentage --txt build-coverage/lines.txt --print-summary \
		--fail-under-line $(COVERED) build-coverage || { cut -c 1-110 build-coverage/lines.txt; exit 1; }

# Rows are benchmark() in bench/meson.build.
bench: release-only
	@meson introspect --benchmarks build-release | grep -q '"name"' || { echo 'bench: there is none' >&2; exit 1; }
	meson test -C build-release --no-rebuild --benchmark --verbose

release-only:
	$(call built,build-release,-Dbuildtype=release)

# A program beside the tests, too long for one of them.
flips: release-only
	ASSAY_SOURCE=$(CURDIR) ASSAY_BUILD=$(CURDIR)/build-release build-release/tests/flips $(PERCENT) $(SEED)

fuzz: fuzz-only all
	tools/fuzz --seconds $(BUDGET) --jobs $(JOBS) build-fuzz build

fuzz-only:
	@test -f build-fuzz/build.ninja || meson setup build-fuzz $(OPTIONS) --native-file tools/clang.ini \
		$(SANITIZE) -Dfuzzers=true -Doptimization=2
	ninja -C build-fuzz build.ninja
	ninja -C build-fuzz -j $(JOBS) $$(ninja -C build-fuzz -t targets all | sed -n 's/^\(fuzz\/fuzz-[^.:]*\):.*/\1/p')

lint: lint-format lint-headers lint-tidy lint-man lint-sh

lint-format:
	clang-format --dry-run -Werror $(C_FILES)

# Each header compiles alone; the public ones as strict C and as C++ too.
lint-headers:
	set -e; for h in $$(git ls-files 'include/*.h'); do \
		clang -fsyntax-only -std=c17 -pedantic -Wall -Wextra -Werror -Iinclude -x c "$$h"; \
		clang -fsyntax-only -std=c++17 -pedantic -Wall -Wextra -Werror -Iinclude -x c++ "$$h"; done
	set -e; for h in $$(git ls-files 'src/*.h'); do \
		clang -fsyntax-only -std=gnu17 -D_GNU_SOURCE -Iinclude -Isrc \
			$$(pkg-config --cflags libcrypto libxml-2.0 xmlsec1-openssl jansson smartcols libcurl sqlite3) -x c "$$h"; done

# Never built, only asked how each file would be compiled.
lint-tidy:
	@test -f build-tidy/build.ninja || meson setup build-tidy --native-file tools/clang.ini -Dfuzzers=true
	@ninja -C build-tidy build.ninja >/dev/null
	sed -n 's|^ *"file": "\.\./\(s[ri][cm]/.*\)",\{0,1\}$$|\1|p' build-tidy/compile_commands.json | sort -u | \
		xargs -P $(JOBS) -n 4 clang-tidy -p build-tidy --quiet 2>/dev/null

# scdoc puts paragraphs where none are needed; all else that mandoc says counts.
lint-man: all
	! mandoc -T lint -W warning build/man/*.[1-8] | grep -v 'skipping paragraph macro'

lint-sh:
	shellcheck bootstrap .ci/run $(shell grep -rlE '^#!/(usr/)?bin/(env )?(ba)?sh' tools tests man bench)

floors: all
	tools/floors .
	tools/floors --symbols build/src/libassay-core.a

install: all
	meson configure build -Dprefix=$(PREFIX)
	meson install -C build

portable:
	@test -f build-portable/build.ninja || meson setup build-portable $(OPTIONS) -Dbuildtype=release \
		--prefix=/opt/assay --libdir=lib
	tools/portable build-portable

clean:
	rm -rf build build-asan build-clang build-coverage build-fuzz build-portable build-release build-tidy

.PHONY: all test demo clang release release-only asan coverage bench flips fuzz fuzz-only lint lint-format \
	lint-headers lint-tidy lint-man lint-sh floors install portable clean

