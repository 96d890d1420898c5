import pytest

from convscale import drawing
from convscale.models import build, table
from convscale.pages import block_layers, stage_rows


def test_stages_are_those_of_the_table():
    rows = stage_rows("efficientnet-b0", "efficientnetv2-s")
    small = rows[rows["network"] == "efficientnetv2-s"]
    assert small["operator"].tolist()[:3] == ["Conv k3", "Fused-MBConv1 k3", "Fused-MBConv4 k3"]
    assert small["layers"].tolist()[1:-1] == [stage.depth for stage in table("efficientnetv2-s").stages]
    assert set(rows["family"]) == {"v1", "v2"}
    assert "MBConv6" in drawing.stages_bars(rows, name="fig-s", title="S is deeper", unit="layers").wide


def test_a_resnet_has_no_such_stages():
    with pytest.raises(ValueError, match="resnet-rs-50 has no stages of MBConv blocks"):
        stage_rows("resnet-rs-50")


def test_layers_of_a_block_in_order():
    rows = block_layers({"MBConv6": build("efficientnet-b0").blocks[2]}, "v1")  # k3x3, 24 channels, with a shortcut
    assert rows["label"].tolist() == ["conv 1x1", "depthwise conv 3x3", "SE, 6 of 144", "conv 1x1"]
    assert rows["channels"].tolist() == [144, 144, 144, 24] and rows["shortcut"].all()
    assert "MBConv6" in drawing.blocks(rows, name="fig-b", title="An inverted bottleneck").wide
