# make book   environment, every page at smoke scale on this machine, HTML
#             PYTHON=/path/to/python: that one, not the first of python3.11, 3.12 and 3.13 that works;
#             PIP_ARGS="--extra-index-url ...": arguments for the install, e.g. for PyTorch's CPU build
# make test   environment, all tests
# make test-cluster  batches on a real Slurm and on two hosts, brought up on this machine: Debian or Ubuntu, as root
# make evidence  the runs that decide the claims, in a tree of its own, each record committed; SCALE=small DEVICE=cpu
#                MINUTES=30: those that decide the most claims in half an hour; EXPERIMENTS="a b": these, in this order
# make bench  goals for speed and what this machine measures, minutes; one part: .venv/bin/python -m benchmarks training
# make cpu-records, make gpu-records  measure the papers' tables of speed and memory; `convscale records publish` copies
# make serve  the built book on http://localhost:8000
# make drawings  the README's picture and the map of rooms in CONTRIBUTING.md
# make release VERSION=0.1.0  lint, tests, then version, changelog, tag and wheel; it says what to push
# make lock   new pins in requirements.lock, with Python 3.11 on Linux on x86-64

PYTHON ?=
PIP_ARGS :=
BIN := .venv/bin
READY := .venv/.ready
PAGE_PARAMETERS := -p scale=smoke
SCALE := small
DEVICE := cpu
MINUTES :=
EXPERIMENTS :=

.PHONY: book test test-cluster evidence bench cpu-records gpu-records serve lint drawings release lock clean
.DELETE_ON_ERROR:

book: $(READY)
	$(BIN)/convscale book $(PAGE_PARAMETERS)

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile tests
	MPLBACKEND=Agg $(BIN)/python -m pytest -n 2 --dist loadfile -p tests.nbval_stderr --nbval --nbval-current-env \
	  --nbval-kernel-startup-timeout 600 --nbval-sanitize-with tests/nbval.cfg book

test-cluster: $(READY)
	TEST_CLUSTER=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -v tests/cluster

evidence: $(READY)
	$(BIN)/python tools/evidence.py $(EXPERIMENTS) --scale $(SCALE) --device $(DEVICE) $(if $(MINUTES),--minutes $(MINUTES))

bench: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks

cpu-records: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/convscale measure --device cpu

gpu-records: $(READY)
	$(BIN)/convscale measure --device cuda

serve: book
	$(BIN)/python -m http.server --directory _build/html

lint: $(READY)
	$(BIN)/ruff check lib tests benchmarks tools && $(BIN)/ruff format --check lib tests benchmarks tools
	$(BIN)/mypy

drawings: $(READY)
	$(BIN)/python tools/rooms.py
	$(BIN)/python tools/readme_picture.py

release: $(READY)
	$(BIN)/python tools/release.py $(or $(VERSION),none) --check
	$(MAKE) lint test
	$(BIN)/python tools/release.py $(VERSION)

$(READY): requirements.lock pyproject.toml
	PYTHON="$(PYTHON)" sh tools/environment.sh $(PIP_ARGS)
	touch $@

lock:
	rm -rf .venv-lock && $(or $(PYTHON),python3.11) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet '.[all]'
	.venv-lock/bin/python tools/lock.py > requirements.lock
	rm -rf .venv-lock build

clean:
	rm -rf _build .venv
