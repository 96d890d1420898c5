"""Bars on a logarithmic axis: factors end to end, their numbers and their titles."""

import re

import pandas as pd

from convscale import drawing

FACTORS = pd.DataFrame(
    {
        "label": ["Training", "Network", "of it: less work", "of it: faster", "Together"],
        "detail": ["images that grow", "V2-M in place of B7", "counted at two sizes, which are their own", "", ""],
        "start": [139.0, 54.0, 54.0, 35.2, 139.0],
        "end": [54.0, 13.0, 35.2, 13.0, 13.0],
        "words": ["2.57\u00d7", "4.15\u00d7", "1.53\u00d7", "2.71\u00d7", "10.7\u00d7"],
        "look": ["filled", "filled", "outlined", "outlined", "total"],
        "family": "v2",
    }
)


def bars(svg: str) -> list[tuple[float, float]]:
    """Left and right end of every bar, in px."""
    return [
        (float(a), float(b)) for a, b in re.findall(r'<path d="M([\d.]+) [\d.]+L([\d.]+) [\d.]+L[\d.]+ [\d.]+L', svg)
    ]


def test_factors_lie_end_to_end(check):
    figure = drawing.spans(FACTORS, name="fig-f", title="More", unit="hours", joined=True, digits=1)
    titles = check(figure)
    assert titles == [
        "Training: from 139 to 54, hours; 2.57\u00d7",
        "Network: from 54 to 13, hours; 4.15\u00d7",
        "of it: less work: from 54 to 35.2, hours; 1.53\u00d7",
        "of it: faster: from 35.2 to 13, hours; 2.71\u00d7",
        "Together: from 139 to 13, hours; 10.7\u00d7",
    ]
    for svg in (figure.wide, figure.narrow):
        training, network, less, faster, both = bars(svg)
        assert training[0] == network[1] == less[1] and less[0] == faster[1]
        assert network[0] == faster[0] == both[0] and training[1] == both[1]
        assert (network[1] - network[0]) > (training[1] - training[0])  # 4.15 is the larger factor


def test_only_bars_that_meet_are_joined():
    figure = drawing.spans(FACTORS, name="fig-f", title="More", unit="hours", joined=True)
    apart = drawing.spans(FACTORS, name="fig-f", title="More", unit="hours")
    dashes = figure.wide.count("stroke-dasharray") - apart.wide.count("stroke-dasharray")
    assert dashes == 3  # not from the network's end to its first part, which begins where the network does
    assert figure.narrow == apart.narrow
