"""Findings and the ledger's table say what the judges say; files can be read back; rules have words and a commit."""

import importlib.util
import json
import re
import subprocess

import pandas as pd
import pytest

from convscale.evidence.claims import GROUPS, claim_of, claims
from convscale.evidence.findings import findings
from convscale.evidence.judging import summary
from convscale.evidence.ledger_data import COLUMNS, column_table, ledger_table, write_ledger
from convscale.evidence.rule_dates import fixed_by, lines, rule_digest
from convscale.evidence.rule_words import condition_words, rule_words
from convscale.paths import CHECKOUT, DATA


@pytest.fixture(scope="module")
def found():
    return findings()


@pytest.fixture(scope="module")
def table(found):
    return ledger_table(found)


def test_findings_have_the_verdicts_of_the_summary(found):
    shown = summary()
    assert [finding.claim["id"] for finding in found] == shown["id"].tolist()
    assert [finding.found.shown_word for finding in found] == shown["verdict"].tolist()
    for finding in found:
        assert (len(finding.rows) == 0) == (finding.group == "measured here"), finding.claim["id"]
        assert bool(finding.records) == (finding.found.estimate is not None), finding.claim["id"]


def test_every_record_behind_a_verdict_is_published(found):
    paths = [path for finding in found for of_arm in finding.records.values() for path in of_arm.values()]
    assert paths and all((DATA / "records" / path).is_file() for path in paths)


def test_a_trained_claim_names_the_records_of_all_its_seeds(found):
    finding = next(finding for finding in found if finding.claim["id"] == "v2-table7-21k-s")
    seeds = {arm: list(of_arm) for arm, of_arm in finding.records.items()}
    assert seeds == {arm: ["10", "11", "12", "13"] for arm in ("pretrained", "scratch", "scratch-wide")}


def test_the_table_is_documented_and_tidy(table):
    assert list(table) == list(COLUMNS) and table["id"].is_unique and len(table) == len(claims())
    assert column_table()["column"].tolist() == [f"`{name}`" for name in COLUMNS]
    assert set(table["group"]) == set(GROUPS)
    counted = table[table["rows"].notna()]
    assert (counted["rows"] == counted["numbers"].map(len)).all()
    agreeing = counted["numbers"].map(lambda rows: sum(row["agrees"] for row in rows))
    assert (counted["agreeing"] == agreeing).all()
    measured = table[table["estimate"].notna()]
    assert (measured["unit"] != "").all() and (measured["low"] <= measured["high"]).all()


def test_known_numbers(table):
    rows = table.set_index("id").loc["v2-table7-params"]["numbers"]
    small = next(row for row in rows if row["row"] == "EfficientNetV2-S")
    assert small["printed"] == "22" and small["cause"] == "A14" and not small["agrees"]
    assert small["ours"] == pytest.approx(21.458488, abs=1e-9)
    assert small["deviation"] == pytest.approx(100 * (21.458488 / 22 - 1))
    assert table.set_index("id").loc["v2-table13-progressive", "published_value"] == 0.8


def test_the_files_hold_the_table_and_are_the_same_every_time(table, tmp_path):
    (tmp_path / "again").mkdir()
    written = write_ledger(table, tmp_path)
    again = write_ledger(table, tmp_path / "again")
    assert [file.read_bytes() for file in written] == [file.read_bytes() for file in again]
    data = json.loads((tmp_path / "ledger.json").read_text())
    assert data["columns"] == COLUMNS and [row["id"] for row in data["claims"]] == table["id"].tolist()
    assert data["claims"][0]["estimate"] is None or isinstance(data["claims"][0]["estimate"], float)
    csv = pd.read_csv(tmp_path / "ledger.csv", keep_default_na=False)
    assert json.loads(csv["numbers"][csv["id"] == "v2-table7-params"].item()) == next(
        row["numbers"] for row in data["claims"] if row["id"] == "v2-table7-params"
    )


def test_parquet_documents_itself(table, tmp_path):
    pytest.importorskip("pyarrow")
    write_ledger(table, tmp_path)
    back = pd.read_parquet(tmp_path / "ledger.parquet")
    assert back.attrs["columns"] == COLUMNS and back["id"].tolist() == table["id"].tolist()
    numbers = back.explode("numbers")["numbers"].dropna()
    assert len(numbers) == table["rows"].sum()


def test_without_pyarrow_there_is_no_parquet(table, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    assert [file.name for file in write_ledger(table, tmp_path)] == ["ledger.csv", "ledger.json"]


@pytest.mark.parametrize(
    ("id", "words"),
    [
        (
            "v2-table13-progressive",
            "minus `progressive-vanilla`: the 95 % interval lies above 0 (16 seeds at small",
        ),
        ("v2-figure6-faster", "of `progressive-vanilla` minus `progressive-adaptive`: the 95 % interval lies above 0"),
        ("v2-table7-s-b5", "lies above -0.2 (5 seeds at paper scale)"),
        ("v2-table7-params", "rounded to its digits, in every row. Within 3 %"),
        ("v2-section5-1-smaller-images", "within 5 of the printed number"),
        ("v2-table3-fused5-gpu", "of `Fused stage1-5` over `No fused`, in turn on a GPU, in at least 7 rounds"),
        ("v1-section1-resnet50", "both are printed as the same number"),
        ("v1-figure3-depth", "2 x `depth-2` - `base` - `depth-4`"),
    ],
)
def test_rules_in_words(id, words):
    assert words in rule_words(claim_of(id))


def test_every_rule_and_condition_has_words():
    for claim in claims():
        assert rule_words(claim).endswith("."), claim["id"]
        asked = len(claim.get("conditions", [])) + ("control" in claim)
        assert len(condition_words(claim)) == asked, claim["id"]


def test_a_changed_rule_has_no_commit():
    claim = claim_of("v2-table13-progressive")
    assert fixed_by(claim) is not None
    assert fixed_by(claim | {"statement": "other words"}) == fixed_by(claim)
    assert fixed_by(claim | {"family": "another"}) is None
    assert fixed_by(claim | {"id": "new"}) is None


def tool():
    spec = importlib.util.spec_from_file_location("rules_tool", CHECKOUT / "tools/rules.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_commits_of_rules_are_those_of_the_history():
    """Where the history is there: a shallow clone, or no clone, cannot tell."""
    rules = tool()
    try:
        shallow = rules.git("rev-parse", "--is-shallow-repository").strip()
    except (subprocess.CalledProcessError, FileNotFoundError):
        pytest.skip("no git history here")
    if shallow != "false":
        pytest.skip("the clone is shallow")
    found = rules.first_commits()
    for id, line in lines().items():
        assert found[id, line["rule"]] == (line["commit"], line["date"]), id
    committed = [claim for claim in claims() if (claim["id"], rule_digest(claim)) in found]
    assert len(committed) > 200 and all(re.fullmatch("[0-9a-f]{10}", line["commit"]) for line in lines().values())
