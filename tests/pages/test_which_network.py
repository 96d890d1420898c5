"""The page "Which network should I use?": its data, its fronts, its table for readers and for filters, its recipe."""

import json
import re
import shlex
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from convscale.evidence.paper import paper_table
from convscale.learning import own_images
from convscale.pages.choices import DEVICES, Key, choices, key_of, measured
from convscale.pages.pareto import COSTS, comparable, finding, front, picture
from convscale.pages.sources import sources
from convscale.pages.which_network import advised, answer, bounds, download, finder, lede, table
from convscale.paths import checkout
from convscale.recipes import advise
from convscale.records import Store, published

CHOICES = choices()
BY_NAME = {choice.name: choice for choice in CHOICES}
PAGE = sources()["which-network"].read_text()


def test_every_weight_is_timms():
    timm = pytest.importorskip("timm")
    there = set(timm.list_models(pretrained=True))
    assert {choice.timm for choice in CHOICES} <= there


def test_all_networks_with_a_printed_top1_are_there_once():
    wanted = {key for name in ("v2:7", "v2:11", "rs:2", "v1:2") for key in map(key_of, paper_table(name)["row"]) if key}
    names = [choice.name for choice in CHOICES]
    assert len(names) == len(set(names))
    assert set(names) == {key.title for key in wanted} | {"EfficientNetV2-B2"}


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ("V1-B1", Key("efficientnet-b1", 240)),
        ("EfficientNet-B7", Key("efficientnet-b7", 600)),
        ("V2-B3", Key("efficientnetv2-b3", 300)),
        ("V2-S", None),  # of V2 Table 11: the first version's
        ("EfficientNetV2-S (21k)", Key("efficientnetv2-s", 384, True)),
        ("ResNet-RS-350 @320", Key("resnet-rs-350", 320)),
        ("EfficientNet-X", None),
        ("ResNet-152", None),
    ],
)
def test_rows_of_the_papers_are_known_networks(row, key):
    assert key_of(row) == key


def test_numbers_are_those_of_the_papers():
    b5, s, rs = BY_NAME["EfficientNet-B5"], BY_NAME["EfficientNetV2-S"], BY_NAME["ResNet-RS-152 at 224 px"]
    assert (b5.top1, b5.source, b5.others["V1 Table 2"]) == (83.7, "V2 Table 7", 83.3)
    assert (b5.times["gpu"], b5.times["gpu-rs"], b5.times["tpu"]) == (60, 8.16, 1510)
    assert (s.top1, s.times["gpu"], s.params, s.image_size) == (83.9, 24, 21_458_488, 384)
    assert (rs.top1, rs.times["tpu"], rs.multiply_adds, rs.timm) == (82.8, 320, 11_895_185_408, "resnetrs152.tf_in1k")
    assert BY_NAME["EfficientNetV2-S (21k)"].timm_top1 == pytest.approx(84.332)
    assert BY_NAME["ResNet-RS-152 at 224 px"].timm_top1 is None  # timm measured these weights at 256 and 320 px


def test_measured_times_are_those_of_the_records(tmp_path):
    (record,) = (r for r in published().measurements("v2:11") if r["row"] == "V1-B1")
    assert measured(published())[Key("efficientnet-b1", 240)] == pytest.approx(1000 / record["value"])
    assert all("cpu" not in choice.times for choice in choices(Store(tmp_path)))


def test_nothing_on_a_front_is_beaten_and_all_else_is():
    for cost in COSTS:
        value, best, all_of_them = COSTS[cost].value, front(CHOICES, cost), comparable(CHOICES, cost)
        for one in all_of_them:
            beaten = any(
                other is not one
                and value(other) <= value(one)
                and other.top1 >= one.top1
                and (value(other), other.top1) != (value(one), one.top1)
                for other in all_of_them
            )
            assert beaten == (one not in best), (cost, one.name)


def test_the_fronts_are_the_pages_findings():
    """The sentences of the page that are written by hand, and the one that the figures' order rests on."""
    assert finding(CHOICES, "multiply-adds") == "No ResNet-RS is among the 11 best by multiply-adds"
    assert finding(CHOICES, "gpu") == "3 of the 4 best by time on a V100 are EfficientNetV2"
    assert [c.name for c in front(CHOICES, "tpu")] == [c.name for c in front(CHOICES, "gpu-rs")]
    assert "On a V100 the order is the same." in PAGE


def test_pretrained_networks_are_in_no_comparison():
    assert not any(choice.pretrained for cost in COSTS for choice in comparable(CHOICES, cost))


def test_the_answer_follows_its_data():
    text = answer(CHOICES)
    assert text.startswith(
        "Start with EfficientNetV2-S: by its paper 83.9 % in 24 ms on a V100, where EfficientNet-B5 "
    )
    assert "EfficientNet and EfficientNetV2 lead" in text and "up to 84.4 %" in text
    slow = [replace(c, times=c.times | {"tpu": 1e6}) if c.family == "rs" and "tpu" in c.times else c for c in CHOICES]
    assert "TPU" not in answer(slow)


class Table(HTMLParser):
    """Rows of the table: their attributes, and the text of their cells."""

    def __init__(self, html: str):
        super().__init__()
        self.rows: list[tuple[dict, list[str]]] = []
        self.names: set[str] = set()
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "tr" and "data-name" in given:
            self.rows.append((given, []))
        if tag in ("th", "td") and self.rows:
            self.rows[-1][1].append("")
            self.inside = True
        if tag in ("select", "input"):
            self.names.add(given["name"])

    def handle_data(self, data):
        if self.rows and self.inside:
            self.rows[-1][1][-1] += data

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("th", "td")


def test_the_table_shows_the_data_and_carries_it_for_the_filters():
    found = Table(finder(CHOICES).html)
    assert len(found.rows) == len(CHOICES)
    for (given, shown), choice in zip(found.rows, CHOICES, strict=True):
        assert shown[0] == choice.name + choice.timm
        assert shown[1:5] == [
            str(choice.image_size),
            f"{choice.params / 1e6:.1f}",
            f"{choice.multiply_adds / 1e9:.2f}",
            f"{choice.top1:.1f} {choice.source}",
        ]
        assert (given["data-family"], float(given["data-top1"])) == (choice.family, choice.top1)
        assert float(given["data-params"]) == pytest.approx(choice.params / 1e6, rel=1e-3)
        assert float(given["data-macs"]) == pytest.approx(choice.multiply_adds / 1e9, rel=1e-3)
        assert ("data-extra" in given) == choice.pretrained
        times = {key: float(given[f"data-{key}"]) for key in DEVICES if f"data-{key}" in given}
        assert times == pytest.approx(choice.times, rel=1e-3)


def test_the_script_knows_every_filter_and_every_row_is_there_without_it():
    script = (checkout() / "book/_static/which.js").read_text()
    html = finder(CHOICES).html
    names = Table(html).names
    assert names == {"device", "family", "macs", "params", "time", "only"}
    assert all(re.search(rf"\b{name}\b", script) for name in names)
    assert 'class="sf-js-only"' in html and not re.search(r"<tr[^>]*\shidden", html)
    assert "<form" not in finder(CHOICES).notebook()  # where no script of the book is
    assert "which.js" in (checkout() / "_config.yml").read_text()
    assert len(script) < 4000


def test_the_published_page_shows_this_table():
    page = json.loads((checkout() / "book/which-network.ipynb").read_text())
    shown = ["".join(out["data"].get("text/html", "")) for cell in page["cells"] for out in cell.get("outputs", ())]
    assert {made._repr_mimebundle_()["text/html"] for made in (lede(CHOICES), finder(CHOICES))} <= set(shown)


def test_the_download_has_every_number():
    data = table(CHOICES)
    assert len(data) == len(CHOICES)
    assert data.set_index("name").loc["EfficientNet-B0", "other_printed"] == "V1 Table 2: 76.3"
    assert "0.8 points apart (EfficientNet-B0)" in download(CHOICES).text
    assert "8 of 26" in bounds(CHOICES).text


def test_pictures_are_the_same_bytes_each_time():
    first, second = (picture(CHOICES, "gpu", name="fig", caption="").wide for _ in range(2))
    assert first == second and "EfficientNetV2" in first


def test_advice_says_what_was_measured_and_what_was_not(tmp_path):
    shown = advised(advise(epochs=350, images=1_281_167), Store(tmp_path))
    assert "rs-section6-1-more-params reproduced" in shown.text  # counted, so decided without a run
    assert 'href="claims.html#rs-section6-1-more-params"' in shown.html
    assert "Figure 2 and Table 2; not measured here yet" in shown.text


def test_the_recipe_runs_on_a_small_folder(tmp_path, monkeypatch, capsys):
    """The page's five lines as they stand, but for the network and its weights, which would be downloaded."""
    from PIL import Image

    for split in ("train", "test"):
        for label in ("cat", "dog"):
            folder = tmp_path / "my-images" / split / label
            folder.mkdir(parents=True)
            for i in range(4):
                Image.new("RGB", (40, 40), (60 * i, 90, 20)).save(folder / f"{i}.png")
    monkeypatch.chdir(tmp_path)
    recipe = re.search(r"```python\n(from convscale.*?)```", PAGE, re.DOTALL)[1]
    assert len([line for line in recipe.splitlines() if line]) == 5
    small = recipe.replace("timm:tf_efficientnetv2_s.in1k", "efficientnetv2-tiny").replace('weights="pretrained", ', "")
    assert small.count("efficientnetv2-tiny") == 1 and "weights" not in small
    small = small.replace("epochs=20", "batch_size=4, epochs=1, image_size=(16, 20)")
    exec(small)
    assert "test_top1" in capsys.readouterr().out
    assert (tmp_path / "runs/mine/final.safetensors").exists()


def test_the_recipes_command_means_the_same():
    from convscale.cli import parser

    command = re.search(r"    convscale (train (?:.*\\\n)*.*)\n", PAGE)[1].replace("\\\n", "")
    given = parser().parse_args(shlex.split(command))
    assert (given.model, given.weights, given.data) == ("timm:tf_efficientnetv2_s.in1k", "pretrained", "my-images")
    assert given.schedule is None and given.epochs == own_images.__defaults__[1]
