# make book   environment, every page at smoke scale on this machine, HTML
# make test   environment, all tests
# make small  the published experiments on this machine, hours of CPU; resumes where it was stopped
# make bench  goals for speed and what this machine measures, minutes; one part: .venv/bin/python -m benchmarks training
# make cpu-records, make gpu-records  measure the papers' tables of speed and memory; `convscale records publish` copies
# make serve  the built book on http://localhost:8000
# make lock   new pins in requirements.lock

PYTHON ?= python3.11
BIN := .venv/bin
READY := .venv/.ready
PAGE_PARAMETERS := -p scale=smoke -p seeds=2

SNAKEMAKE := .venv-batch/bin/snakemake

.PHONY: book test smoke small bench cpu-records gpu-records serve lint lock clean
.DELETE_ON_ERROR:

book: $(READY)
	$(BIN)/convscale book $(PAGE_PARAMETERS)

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg book

smoke: $(READY) $(SNAKEMAKE)
	$(SNAKEMAKE) --profile profiles/local --config scale=smoke seeds=2

small: $(READY) $(SNAKEMAKE)
	$(SNAKEMAKE) --profile profiles/local --config scale=small seeds=3

bench: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks

cpu-records: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/convscale measure --device cpu

gpu-records: $(READY)
	$(BIN)/convscale measure --device cuda

serve: book
	$(BIN)/python -m http.server --directory _build/html

lint: $(READY)
	$(BIN)/ruff check lib tests benchmarks && $(BIN)/ruff format --check lib tests benchmarks
	$(BIN)/mypy

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# In an environment of its own, because it starts the project's program and shares no package with it.
$(SNAKEMAKE):
	$(PYTHON) -m venv .venv-batch
	.venv-batch/bin/python -m pip install --quiet --disable-pip-version-check 'snakemake>=9.27,<10'

lock:
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet '.[all]'
	.venv-lock/bin/python tools/lock.py > requirements.lock
	rm -rf .venv-lock

clean:
	rm -rf _build .venv .venv-batch
