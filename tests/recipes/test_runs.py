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


def test_a_run_contains_all_that_it_builds_on(tiny):
    first, teacher = tiny(classes=(0, 1)), tiny(epochs=9)
    run = tiny(after=first, teacher=teacher, pseudo=5, classes=(2, 3))
    assert canonical(run)["after"] == canonical(first) and canonical(run)["teacher"] == canonical(teacher)
    assert run.builds_on == (first, teacher) and list(run.chain) == [run, first, teacher]
    others = (replace(run, after=replace(first, seed=1)), replace(run, pseudo=6), replace(run, classes=(3, 2)))
    assert len({run.key, *(other.key for other in others)}) == 4
    assert tiny(after=first, teacher=first, pseudo=1).builds_on == (first,) and tiny().builds_on == ()


def test_a_seed_is_that_of_all_runs_in_a_chain(tiny):
    run = tiny(after=tiny(after=tiny()), teacher=tiny(epochs=9), pseudo=5).seeded(7)
    assert [each.seed for each in run.chain] == [7] * 4 and run.pseudo == 5
    other = run.each(lambda each: replace(each, model="resnet-tiny8"))
    assert {each.model for each in other.chain} == {"resnet-tiny8"} and other.pseudo == 5


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (dict(classes=(1,)), r"classes = \(1,\): name at least two different ones"),
        (dict(classes=(1, 2, 1)), "at least two different ones"),
        (dict(classes=(0, -1)), r"classes = \(0, -1\): a tuple of a whole number from 0 on"),
        (dict(pseudo=5), "pseudo = 5 images with no teacher: give both, or neither"),
        (dict(pseudo=-1), "pseudo = -1: a whole number from 0 on"),
    ],
)
def test_runs_that_make_no_sense_are_refused(changes, words, tiny):
    with pytest.raises(ValueError, match=words):
        tiny(**changes)


def test_a_run_starts_from_one_place_and_from_its_own_network(tiny):
    with pytest.raises(ValueError, match="pseudo = 0 images with a teacher: give both"):
        tiny(teacher=tiny())
    with pytest.raises(ValueError, match="weights = 'a file' and after = another run: a run starts from one"):
        tiny(after=tiny(), weights="a file")
    with pytest.raises(ValueError, match="after = a run of resnet-tiny8: its weights are none of efficientnetv2-tiny,"):
        tiny(after=tiny(model="resnet-tiny8"))
