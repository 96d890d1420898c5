"""One network tested at several image sizes: the values, and the records that they become."""

import pytest

from convscale.devices import pick
from convscale.measure import by_size
from convscale.measure.by_size import quantity_of, top1_by_size
from convscale.records.measured import records_of
from convscale.records.schema import validate


class Pixels:
    def __init__(self, size):
        self.words = f"{size} px, the whole image"


class Trained:
    def __init__(self, size):
        self.model, self.pixels = size, Pixels(size)


@pytest.fixture
def measured(monkeypatch):
    asked = []

    def to_evaluate(data, network, weights, size):
        asked.append((data, network, weights, size))
        return Trained(size), ["image"] * 8, "8 test images"

    monkeypatch.setattr(by_size, "to_evaluate", to_evaluate)
    monkeypatch.setattr(by_size, "evaluate", lambda model, images, *rest, **more: {"top1": model / 10, "images": 8})
    table = top1_by_size("efficientnet-lite0", "package", "photos", [128, 320], pick("cpu"), "folder:0123")
    assert asked == [("photos", "efficientnet-lite0", "package", size) for size in (128, 320)]
    return table


def test_a_size_is_a_row_with_its_pixels_and_images(measured):
    assert measured["row"].tolist() == ["128 px", "320 px"] and measured["value"].tolist() == [12.8, 32.0]
    assert "8 test images; data folder:0123" in measured["protocol"][0]


def test_records_say_how_many_images_were_tested(measured):
    records = [validate(record, "here") for record in records_of(measured, pick("cpu"), "convscale sizes")]
    assert [record["image_sizes"] for record in records] == [[128], [320]]
    assert {record["images"] for record in records} == {8} and {record["unit"] for record in records} == {"%"}
    assert {record["quantity"] for record in records} == {quantity_of("efficientnet-lite0")}
