"""The batch graph: which jobs Snakemake would run. Snakemake is no dependency; where it is absent this is skipped."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from convscale.pages.plain import plan
from convscale.paths import CHECKOUT
from convscale.records.store import local

TABLE13 = "efficientnetv2/6-3-adaptive-regularization"
PROFILES = {path.name: path / "config.yaml" for path in sorted((CHECKOUT / "profiles").iterdir())}


def dry_run(*options: str) -> str:
    """What `snakemake -n` says, with the store of the test."""
    pytest.importorskip("snakemake")
    program = Path(sys.executable).with_name("convscale")
    config = [f"program={program}", f"pages=[{TABLE13}]", "seeds=1"]
    environment = os.environ | {"CONVSCALE_RECORDS": str(local().root)}
    command = [sys.executable, "-m", "snakemake", "-n", *options, "--config", *config]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_every_run_of_a_page_is_a_job():
    text = dry_run("--profile", "profiles/local")
    for number, job in enumerate(plan(TABLE13, {"seeds": 1}), start=1):
        assert str(local().path(job.page, job.scale, job.run.key)) in text and f"--shard {number}/6" in text


def test_what_the_store_has_is_not_made_again():
    for job in plan(TABLE13, {"seeds": 1})[:4]:
        path = local().path(job.page, job.scale, job.run.key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    text = dry_run("--profile", "profiles/local")
    assert "--shard 4/6" not in text and "--shard 5/6" in text and "--shard 6/6" in text


def test_profiles_go_on_after_a_failure_and_keep_what_is_there():
    assert set(PROFILES) == {"local", "slurm", "kubernetes"}
    for name, path in PROFILES.items():
        settings = yaml.safe_load(path.read_text())
        assert settings["keep-going"] and settings["rerun-triggers"] == ["mtime"], name
        assert settings.get("executor", "local") == name
