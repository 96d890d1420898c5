# Batches: one job for each run (page x scale x seed x arm), then each page from all of its runs.
#
#   snakemake --profile profiles/local -n        what would be done
#   snakemake --profile profiles/slurm --config scale=paper seeds=3 'pages=[efficientnetv2/6-3-adaptive-regularization]'
#
# A job's output is the record of its run, so what any machine has made into the same store is not made again, and a
# job that was stopped goes on from its checkpoint when it is tried again. Snakemake is not among the project's pins:
# book/howto/batches.md says how to install it beside them.

import os
import subprocess
from pathlib import Path

SCALE = config.get("scale", "smoke")
SEEDS = int(config.get("seeds", 2))
DEVICE = config.get("device", "auto")
PROGRAM = config.get("program", ".venv/bin/convscale")
STORE = os.environ.get("CONVSCALE_RECORDS", "runs/records")

# What one run needs, for the scheduler: memory in MB, minutes before it is stopped and tried again, GPUs.
NEEDS = {
    "smoke": {"mem_mb": 3000, "runtime": 15, "gpu": 0},
    "small": {"mem_mb": 3000, "runtime": 240, "gpu": 0},
    "paper": {"mem_mb": 64000, "runtime": 1440, "gpu": 1},
}[SCALE] | config.get("needs", {})
PARAMETERS = f"-p scale={SCALE} -p seeds={SEEDS}"


def runs_of(page: str) -> dict[str, str]:
    """Key -> shard "k/n" of every run of a page, as `convscale experiment plan --runs` lists them."""
    command = [PROGRAM, "experiment", "plan", page, "--runs", *PARAMETERS.split()]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {Path(record).stem: shard for shard, record, *_ in (line.split("\t") for line in listed.splitlines())}


def store_of(record: str, page: str) -> str:
    """The folder of the records, where this job sees it: storage providers put files elsewhere."""
    return str(Path(record).absolute()).partition(f"/{page}/{SCALE}/")[0]


def asks_for_runs(source: Path) -> bool:
    return ".execute(" in source.read_text()


WRITTEN = sorted(p for p in Path("notebooks").rglob("*.md") if asks_for_runs(p))
PAGES = config.get("pages") or [str(p.relative_to("notebooks").with_suffix("")) for p in WRITTEN]
RUNS = {page: runs_of(page) for page in PAGES}
RECORDS = {page: [f"{STORE}/{page}/{SCALE}/{key}.json" for key in runs] for page, runs in RUNS.items()}


wildcard_constraints:
    page="|".join(PAGES),
    key="[0-9a-f]{16}",


localrules:
    all,


rule all:
    input:
        [f"runs/batch/{page}/{SCALE}-{SEEDS}.txt" for page in PAGES],
        *RECORDS.values(), # else a page that is there would hide a record that is not


rule run:
    output:
        f"{STORE}/{{page}}/{SCALE}/{{key}}.json",
    params:
        shard=lambda wildcards: RUNS[wildcards.page][wildcards.key],
        store=lambda wildcards, output: store_of(output[0], wildcards.page),
    resources:
        **NEEDS,
    retries: 3
    shell:
        "CONVSCALE_RECORDS={params.store} OMP_NUM_THREADS=1 {PROGRAM} page run {wildcards.page} --no-kernel"
        " {PARAMETERS} -p device={DEVICE} --shard {params.shard} > /dev/null"


rule page:
    input:
        lambda wildcards: RECORDS[wildcards.page],
    output:
        f"runs/batch/{{page}}/{SCALE}-{SEEDS}.txt",
    params:
        store=lambda wildcards, input: store_of(input[0], wildcards.page),
    resources:
        mem_mb=3000,
        runtime=30,
    shell:
        "CONVSCALE_RECORDS={params.store} {PROGRAM} page run {wildcards.page} --no-kernel {PARAMETERS} -o runs/batch/{wildcards.page} > {output}"
