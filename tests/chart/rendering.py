"""Values -> the objects that the chart makes of them, by Helm's own engine in this process."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from helm_python import Chart, HelmRenderError, HelmValuesError

from tests.house.tree import ROOT

CHART: Final = ROOT / "charts/slipway"
CASES: Final = {path.name.removesuffix("-values.yaml"): path for path in sorted((CHART / "ci").glob("*-values.yaml"))}
"""The files of values that every test of the chart as a whole goes through, by their names."""
RELEASE: Final = "slipway"
NAMESPACE: Final = "slipway-system"
Manifest = dict[str, Any]
Values = Mapping[str, Any]
REFUSED: Final = (HelmRenderError, HelmValuesError)


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping, of which the API server would take either."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """The mapping; an AssertionError names the key."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(set(keys)) == len(keys), f"a key stands twice among {keys}"
        return super().construct_mapping(node, deep)


def texts(values: Values, chart: Path = CHART) -> dict[str, str]:
    """Each template's text by its file name."""
    with Chart.load(chart) as loaded:
        rendered = loaded.render(dict(values), name=RELEASE, namespace=NAMESPACE, is_install=True)
    return {path.rsplit("/", 1)[-1]: text for path, text in rendered.items()}


def objects(values: Values, template: str = "", chart: Path = CHART) -> list[Manifest]:
    """The objects of one template, or of all."""
    return [
        each
        for name, text in sorted(texts(values, chart).items())
        if name.endswith(".yaml") and template in ("", name)
        for each in yaml.load_all(text, _StrictLoader)
        if each
    ]


def named(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    """The one object of this kind and name."""
    (found,) = (each for each in manifests if each["kind"] == kind and each["metadata"]["name"] == name)
    return found


def case(name: str) -> Manifest:
    """The values of a file in ci/."""
    return yaml.safe_load(CASES[name].read_text()) or {}


@cache
def _all_of(name: str) -> list[Manifest]:
    return objects(case(name))


def all_of(name: str) -> list[Manifest]:
    """All objects of a file in ci/; not to be changed."""
    return _all_of(name)


def pod_of(manifest: Manifest) -> tuple[dict[str, str], Manifest] | None:
    """The labels and the spec of the Pods that the object makes; None where it makes none."""
    if manifest["kind"] == "Pod":
        return manifest["metadata"]["labels"], manifest["spec"]
    if manifest["kind"] not in ("Deployment", "Job"):
        return None
    template = manifest["spec"]["template"]
    return template["metadata"]["labels"], template["spec"]


def containers_of(pod: Manifest) -> list[Manifest]:
    """All of a Pod's containers."""
    return [*pod.get("initContainers", ()), *pod["containers"]]
