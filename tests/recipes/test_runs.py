"""What a run is: its key, and the network's table as a part of it."""

from dataclasses import replace

import pytest
import yaml

from convscale.models import read_network, table
from convscale.models.table_files import table_from, table_values
from convscale.recipes import Run, canonical

TINY = table("efficientnetv2-tiny")


def test_a_table_is_part_of_the_key_with_its_type_and_content(tiny):
    named, own = tiny(), tiny(model=TINY)
    assert own.model_name == named.model_name == "efficientnetv2-tiny"
    assert canonical(own)["model"]["table"] == "ConvNetTable" and canonical(named)["model"] == "efficientnetv2-tiny"
    assert len({named.key, own.key, tiny(model=replace(TINY, stem=8)).key}) == 3
    same_values = {name: value for name, value in canonical(own)["model"].items() if name != "table"}
    assert same_values["stages"][0]["op"] == "fused"
    assert canonical(replace(own, seed=1)) == canonical(own) | {"seed": 1}


def test_the_key_of_a_run_with_a_table_never_changes(tiny):
    assert tiny(model=TINY).key == "f61eb9a278bd41b7"


@pytest.mark.parametrize("name", ["efficientnetv2-tiny", "mobilenetv1", "resnet-rs-50", "resnet3d-rs-50"])
def test_tables_survive_files(name, tmp_path):
    file = tmp_path / "net.yaml"
    file.write_text(yaml.safe_dump(table_values(table(name))))
    assert read_network(f"table:{file}") == table(name) and read_network(name) == name
    assert table_from(table_values(table(name))) == table(name)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: x", "unknown type of table None"),
        ("{table: ResNetTabel, name: x}", "unknown type of table 'ResNetTabel': did you mean ResNetTable"),
        ("{table: ResNetTable, name: x}", "a ResNetTable lacks depths"),
        ("{table: ResNetTable, name: x, depths: [1], wdth: 2}", "unknown field of a ResNetTable 'wdth': did you mean"),
        ("{table: ConvNetTable, stages: [3]}", "a stage is a mapping such as"),
        ("{table: ConvNetTable, stages: [{op: fused}]}", "a Stage lacks kernel, stride, expand, width, depth"),
        ("[1, 2]", "a mapping with `table` and the fields of one is needed, this is a list"),
        ("{a: [b", "net.yaml: no table of a network: "),
    ],
)
def test_files_that_hold_no_table_are_refused(text, words, tmp_path):
    (tmp_path / "net.yaml").write_text(text)
    with pytest.raises(ValueError, match=words.replace("[", r"\[")):
        read_network(f"table:{tmp_path / 'net.yaml'}")


def test_a_run_is_frozen(tiny):
    with pytest.raises(AttributeError):
        tiny().seed = 3
    assert isinstance(tiny(), Run) and hash(tiny(model=TINY))
