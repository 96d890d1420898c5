"""The page "Which network should I use?": its answer, its table with filters, and the advice with what was measured."""

import base64
from collections.abc import Sequence
from html import escape
from itertools import groupby, takewhile
from typing import Any

import pandas as pd

from ..drawing.glyphs import FAMILIES, MARKERS, glyph
from ..evidence import judge
from ..evidence.claims import claim_of
from ..evidence.judging import evidence_for
from ..recipes import Advice
from ..records import Store, published
from .block import Block
from .choices import CPU, DEVICES, GPU, TPU, Choice, Device
from .pareto import comparable, front

Cell = tuple[str, str, str]  # of one row: the name that a phone shows, the value, what stands below in small print
NOT_MEASURED = "not measured here yet"
ABSENT = '<span class="sf-none">&ndash;</span>'


def answer(choices: Sequence[Choice]) -> str:
    """The page's answer, from the printed and counted numbers: where to start, and what each cost favours.

    Raises StopIteration where no EfficientNetV2 is among the best of its paper's times.
    """
    start = next(choice for choice in front(choices, GPU.key) if choice.family == "v2")
    slower = [c for c in comparable(choices, GPU.key) if c.family == "v1" and c.top1 <= start.top1]
    rival = max(slower, key=lambda choice: choice.top1)
    text = (
        f"Start with {start.name}: by its paper {start.top1:.1f} % in {start.times[GPU.key]:g} ms on a V100, "
        f"where {rival.name} takes {rival.times[GPU.key]:g} for {rival.top1:.1f} %. "
        f"By parameters or multiply-adds, {leading(choices)} lead."
    )
    if faster := list(takewhile(lambda choice: choice.family == "rs", front(choices, TPU.key))):
        text += f" On a TPU, ResNet-RS is faster than EfficientNet up to {faster[-1].top1:.1f} %."
    return text


def leading(choices: Sequence[Choice]) -> str:
    """The families of the networks that no other beats by parameters or by multiply-adds, in words."""
    found = {choice.family for cost in ("parameters", "multiply-adds") for choice in front(choices, cost)}
    return " and ".join(FAMILIES[family] for family in FAMILIES if family in found)


def lede(choices: Sequence[Choice]) -> Block:
    """The answer as the page opens with it."""
    text = answer(choices)
    return Block(f'<div class="sf sf-lede"><p>{escape(text)}</p></div>', text)


def table(choices: Sequence[Choice]) -> pd.DataFrame:
    """All numbers of the choices, a row each, as the page offers them for download; empty where nobody gives one."""
    rows: list[dict[str, Any]] = [
        {
            "name": c.name,
            "family": FAMILIES[c.family],
            "timm": c.timm,
            "image_size": c.image_size,
            "params": c.params,
            "multiply_adds": c.multiply_adds,
            "top1": c.top1,
            "source": c.source,
            "other_printed": "; ".join(f"{source}: {value:.1f}" for source, value in c.others.items()),
            "timm_top1": c.timm_top1,
            **{f"{d.kind} {d.machine}, {d.unit}, {d.source}": c.times.get(d.key) for d in DEVICES.values()},
        }
        for c in choices
    ]
    return pd.DataFrame(rows)


def shown(value: float | None, digits: int) -> str:
    return ABSENT if value is None else f"{value:.{digits}f}"


def cells(choice: Choice) -> list[Cell]:
    """What the table shows of a network after its name."""
    return [
        ("image size, px", f"{choice.image_size}", ""),
        ("parameters, millions", shown(choice.params / 1e6, 1), ""),
        ("multiply-adds, billions", shown(choice.multiply_adds / 1e9, 2), ""),
        ("top-1 printed, %", shown(choice.top1, 1), choice.source),
        ("top-1 by timm, %", shown(choice.timm_top1, 1), ""),
        *(
            (f"{d.machine}, {d.unit}, {d.source}", shown(choice.times.get(d.key), d.digits), "")
            for d in DEVICES.values()
        ),
    ]


def line(choice: Choice) -> str:
    """A row of the table; its attributes are what the filters read."""
    numbers = {
        "family": choice.family,
        "name": choice.name,
        "macs": f"{choice.multiply_adds / 1e9:.4g}",
        "params": f"{choice.params / 1e6:.4g}",
        "top1": f"{choice.top1:.1f}",
        **{key: f"{value:.4g}" for key, value in choice.times.items()},
        **({"extra": "21k"} if choice.pretrained else {}),
    }
    data = "".join(f' data-{name}="{escape(value)}"' for name, value in numbers.items())
    mark = f'<svg class="sf-g" viewBox="0 0 12 12" aria-hidden="true">{MARKERS[choice.family]}</svg>'
    timm = choice.timm.replace(".", ".<wbr>")
    head = f'<span class="sf-fam c-{choice.family}">{mark}{escape(choice.name)}</span><code>{timm}</code>'
    values = "".join(
        f'<td data-label="{escape(label)}">{value}{f" <small>{escape(below)}</small>" if below else ""}</td>'
        for label, value, below in cells(choice)
    )
    return f'<tr{data}><th scope="row">{head}</th>{values}</tr>'


def heads() -> str:
    """Two rows of heads: what was counted, what is printed, what is timed and where."""
    times = "".join(
        f'<th scope="col">{d.kind}<small>{"<br>".join((d.machine, *d.unit.split(", "), d.source))}</small></th>'
        for d in DEVICES.values()
    )
    return (
        '<thead><tr><th rowspan="2" scope="col">network <small>its name in timm</small></th>'
        '<th rowspan="2" scope="col">image<small>size, px</small></th>'
        '<th colspan="2" scope="colgroup">counted here</th><th colspan="2" scope="colgroup">ImageNet top-1, %</th>'
        f'<th colspan="{len(DEVICES)}" scope="colgroup">time: compare within a column only</th></tr>'
        '<tr><th scope="col">parameters<small>millions</small></th>'
        '<th scope="col">multiply-adds<small>billions</small></th><th scope="col">printed</th>'
        f'<th scope="col">weights<small>by timm</small></th>{times}</tr></thead>'
    )


def option(device: Device) -> str:
    name = f"{device.machine[0].upper()}{device.machine[1:]}, {device.source}"
    return f'<option value="{device.key}" data-unit="{escape(device.unit)}">{escape(name)}</option>'


def filters(count: int) -> str:
    """The form above the table, for those who have scripts; which.js reads its names."""
    families = "".join(f'<option value="{short}">{name}</option>' for short, name in FAMILIES.items())
    devices = "".join(
        f'<optgroup label="{kind}">{"".join(map(option, group))}</optgroup>'
        for kind, group in groupby(DEVICES.values(), key=lambda device: device.kind)
    )

    def most(name: str, label: str, unit: str) -> str:
        box = f'<input type="number" name="{name}" min="0" step="any" inputmode="decimal">'
        return f'<label>{label}<span>{box} <i class="sf-unit-{name}">{unit}</i></span></label>'

    return (
        '<form class="sf-js-only" aria-label="Filter the networks">'
        f'<label>Device<select name="device"><option value="">any</option>{devices}</select></label>'
        f'<label>Family<select name="family"><option value="">all</option>{families}</select></label>'
        f"{most('macs', 'Multiply-adds, at most', 'billions')}{most('params', 'Parameters, at most', 'millions')}"
        f"{most('time', 'Time, at most', 'choose a device')}"
        '<label class="sf-check"><input type="checkbox" name="only" value="1"> trained on ImageNet alone</label>'
        f'<p><output role="status">{count} networks</output> <button type="reset" hidden>Show all</button></p></form>'
    )


def finder(choices: Sequence[Choice]) -> Block:
    """The table of all networks with its filters; without scripts it is a table."""
    rows = "".join(line(choice) for choice in choices)
    html = (
        f'<div class="sf sf-wide sf-which" id="networks">{filters(len(choices))}'
        '<div class="sf-scroll" role="region" aria-label="Networks" tabindex="0">'
        f'<table class="sf-t sf-networks"><caption>Networks, fewest multiply-adds first</caption>{heads()}'
        f"<tbody>{rows}</tbody></table></div></div>"
    )
    return Block(html, table(choices).to_string(index=False))


def download(choices: Sequence[Choice]) -> Block:
    """How far other printed values of the same networks are, and the table as a file."""
    apart = [(abs(value - c.top1), c.name) for c in choices for value in c.others.values()]
    most, name = max(apart)
    data = base64.b64encode(table(choices).to_csv(index=False, lineterminator="\n").encode()).decode()
    text = f"Some networks have other values in other tables, up to {most:.1f} points apart ({name}). The file has all."
    link = f'<a download="networks.csv" href="data:text/csv;charset=utf-8;base64,{data}">Data (CSV)</a>'
    return Block(f'<p class="sf sf-below">{escape(text)} {link}</p>', text)


def bounds(choices: Sequence[Choice]) -> Block:
    """What the numbers of the page do not say, with how many there are."""
    here = sum(CPU.key in c.times for c in choices if not c.pretrained)
    alone = sum(not c.pretrained for c in choices)
    off = max((abs(c.timm_top1 - c.top1), c.name) for c in choices if c.timm_top1 is not None)
    lines = [
        "Your images are not ImageNet. The order of two networks a point apart may turn on them.",
        "No table times ResNet-RS beside EfficientNetV2, and no column of times can be compared with another.",
        f"On a CPU {here} of {alone} networks were measured, on one machine. Times on GPU and TPU are printed ones.",
        f"Weights need not give the printed accuracy: timm measured those for {off[1]} {off[0]:.1f} points off.",
        "Memory is not here. ResNet-RS-350 trains in 2.3 times less than EfficientNet-B6, says its paper (§7.1).",
        "The networks are of 2019 to 2021. Later ones are in timm, and the same five lines train them.",
    ]
    items = "".join(f"<li>{escape(one)}</li>" for one in lines)
    return Block(f'<ul class="sf">{items}</ul>', "\n".join(lines))


def advised(advice: Advice, store: Store | None = None) -> Block:
    """Advice as a table: what to do, why, by which section, and what was found here on the claims that test it."""
    store = published() if store is None else store
    rows, texts = [], []
    for strategy in advice.strategies:
        found = {id: judge(claim_of(id), evidence_for(claim_of(id), store)).shown_word for id in strategy.claims}
        decided = {id: word for id, word in found.items() if word != "not run"}
        links = [f'{glyph(word)} <a href="claims.html#{id}">{escape(word)}</a>' for id, word in decided.items()]
        here = "<br>".join(links) or NOT_MEASURED
        rows.append(
            f'<tr><th scope="row">{escape(strategy.about)}</th>'
            f"<td><b>{escape(strategy.words)}</b> {escape(strategy.why)}</td>"
            f"<td>{escape(strategy.source)}</td><td>{here}</td></tr>"
        )
        texts.append(
            f"{strategy.about}: {strategy.words} {strategy.why} ({strategy.source}; {measured_words(decided)})"
        )
    columns = "".join(f'<th scope="col">{name}</th>' for name in ("about", "advice", "source", "measured here"))
    head = f'<div class="sf sf-advised"><table class="sf-t"><thead><tr>{columns}</tr></thead>'
    html = f"{head}<tbody>{''.join(rows)}</tbody></table></div>"
    return Block(html, "\n".join(texts))


def measured_words(decided: dict[str, str]) -> str:
    """What was found, by claim, in words."""
    return ", ".join(f"{id} {word}" for id, word in decided.items()) or NOT_MEASURED
