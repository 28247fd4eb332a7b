"""The chart -> the fields that the API server lets nobody change, by object.

`python -m tests.chart.unchangeable VERSION` writes those of a version that is about to be released; test_upgrade.py
then holds all later ones to them.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

from tests.chart.rendering import CHART, Manifest, objects

RELEASED: Final = Path(__file__).parent / "released"
_VALUES: Final[dict[str, dict[str, Any]]] = {
    "sqlite": {},
    "postgres": {"database": {"type": "postgres", "existingSecret": "history"}},
}


def unchangeable(name: str, chart: Path = CHART) -> dict[str, Any]:
    """Those of the chart with one kind of database, as {"Kind name": fields}."""
    made = {}
    for manifest in objects(_VALUES[name], chart=chart):
        if "helm.sh/hook" not in (manifest["metadata"].get("annotations") or {}):
            fields = _fields(manifest)
            if fields:
                made[f"{manifest['kind']} {manifest['metadata']['name']}"] = fields
    return made


def _fields(manifest: Manifest) -> dict[str, Any]:
    spec = manifest.get("spec") or {}
    match manifest["kind"]:
        case "Deployment":
            return {"selector": spec["selector"]}
        case "PersistentVolumeClaim":
            kept = {"accessModes": spec["accessModes"], "size": spec["resources"]["requests"]["storage"]}
            return {**kept, "storageClassName": spec.get("storageClassName", "")}
        case "Service":
            return {"clusterIP": spec.get("clusterIP", "")}
        case "RoleBinding" | "ClusterRoleBinding":
            return {"roleRef": manifest["roleRef"]}
        case "CustomResourceDefinition":
            return {"scope": spec["scope"], "group": spec["group"]}
        case "Secret":
            return {"type": manifest["type"]}
        case _:
            return {}


def main() -> None:
    """Write the files of a version; the folder of another checkout's chart may follow."""
    version, *chart = sys.argv[1:]
    for name in _VALUES:
        text = json.dumps(unchangeable(name, Path(*chart) if chart else CHART), indent=1, sort_keys=True)
        (RELEASED / f"{version}-{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
