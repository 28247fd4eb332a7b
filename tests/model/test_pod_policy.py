"""The Pod policy's settings: what the documentation shows is what is read."""

import re

import pytest
import yaml
from pydantic import ValidationError

from controller.model.pod_policy import Level, PodPolicy, Rule
from tests.house.tree import ROOT

PAGE = (ROOT / "docs/security.md").read_text()


def test_the_documented_policy() -> None:
    """It can be copied as it stands."""
    [block] = re.findall(r"```\n(podPolicy:.*?)```", PAGE, re.DOTALL)
    policy = PodPolicy.model_validate(yaml.safe_load(block)["podPolicy"])
    assert policy.level is Level.BASELINE
    assert policy.allow == (Rule.HOST_PORTS,)
    assert policy.opens("team-a", "loader")
    assert not policy.opens("team-b", "loader")


def test_every_rule_is_documented() -> None:
    """The table names each, and no other."""
    section = PAGE.partition("## The Pod policy")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)`", " ".join(cells))) == sorted(rule.value for rule in Rule)


def test_the_level_of_nothing() -> None:
    """Baseline is what holds where nobody says anything."""
    assert PodPolicy() == PodPolicy(level=Level.BASELINE)


@pytest.mark.parametrize(
    "wrong", [{"level": "none"}, {"allow": ["hostPath"]}, {"serviceAccount": ["a"]}, {"volumes": [""]}]
)
def test_what_can_not_be_read(wrong: dict[str, object]) -> None:
    """A policy with a slip in it is refused, as it would forbid less than somebody meant."""
    with pytest.raises(ValidationError):
        PodPolicy.model_validate(wrong)
