"""data/counts.csv: what built networks have, for every claim that needs it; anything else is counted when asked for."""

import subprocess
import sys

import pytest

from convscale.evidence import counts
from convscale.evidence.claims import claims
from convscale.evidence.counts import FILE, counts_of, kept, needed, text_of
from convscale.evidence.entries import Entry, entry_of
from convscale.evidence.judge_exact import decide

REMEDY = "data/counts.csv is not what claims and networks are now: run `python tools/counts.py`"


def test_every_claim_finds_its_counts():
    assert list(kept()) == list(needed()), REMEDY


@pytest.mark.slow
def test_counts_are_those_of_built_networks():
    assert FILE.read_text() == text_of(needed().values()), REMEDY


def test_verdicts_are_read_without_torch():
    script = (
        "import sys\n"
        "for name in ('torch', 'timm', 'torchvision'): sys.modules[name] = None\n"
        "from convscale.evidence.judging import summary\n"
        "assert len(summary()) > 200"
    )
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_a_network_that_is_not_in_the_file_is_counted():
    entry = Entry("efficientnet-b0", 64)
    assert entry.key not in kept()
    assert counts_of(entry).params == kept()["efficientnet-b0", "", 224].params
    claim = {"kind": "exact", "quantity": "params", "rows": {"B0": "efficientnet-b0@64"}, "printed": {"B0": "5.3"}}
    assert decide(claim)["verdict"].tolist() == ["reproduced"]


def test_a_row_that_a_claim_needs_and_nobody_wrote_is_seen(monkeypatch):
    more = {"kind": "exact", "quantity": "FLOPs", "rows": {"new": ["resnet-50@96", {"model": "resnet-50", "width": 3}]}}
    monkeypatch.setattr(counts, "claims", lambda: [*claims(), more])
    assert needed().keys() - kept().keys() == {("resnet-50", "", 96), ("resnet-50", "width=3", 224)}


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("efficientnet-b0", ("efficientnet-b0", "", 224)),
        ("efficientnetv2-s@300", ("efficientnetv2-s", "", 300)),
        ("timm:dm_nfnet_f1@320", ("timm:dm_nfnet_f1", "", 320)),
        ({"model": "resnet-50", "depth": 1.4, "resolution": 2}, ("resnet-50", "depth=1.4 resolution=2", 448)),
    ],
)
def test_entries_are_known_by_network_changes_and_size(written, key):
    assert entry_of(written).key == key


def test_networks_that_cannot_be_counted_are_one_sentence():
    with pytest.raises(ValueError, match="unknown model 'efficientnet-b9'"):
        counts_of(Entry("efficientnet-b9"))
    with pytest.raises(ValueError, match=r"timm:resnet50: a network of timm needs a size, timm:resnet50@224"):
        counts_of(Entry("timm:resnet50"))
