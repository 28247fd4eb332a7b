"""Models and values -> the generated files of the repository: `python -m controller.generate [--check]`."""

import json
import sys
from pathlib import Path
from typing import Final

import yaml

from controller.chart_values import read_values, readme_text, schema_text
from controller.model.crd import crd
from controller.model.resources import RESOURCES
from controller.web.app import openapi

ROOT: Final = Path(__file__).resolve().parent.parent
HEADER: Final = "# Generated from controller/model by `make generate`. Do not edit.\n"
API_HEADER: Final = '{"x-generated": "From controller/web by `make generate`. Do not edit.",\n'
"""JSON has no comments, but OpenAPI lets anything be called x-."""


class _PlainDumper(yaml.SafeDumper):
    """Writes equal parts out in full, as nobody reads YAML anchors in a CRD."""

    def ignore_aliases(self, data: object) -> bool:
        """Never refer to a part by an anchor."""
        return True


def generated_files() -> dict[str, str]:
    """Each generated file's text by its path in the repository."""
    files = {}
    for resource in RESOURCES:
        text = HEADER + yaml.dump(crd(resource), Dumper=_PlainDumper, sort_keys=False, width=120, allow_unicode=True)
        files[f"crds/{resource.plural}.yaml"] = text
        files[f"charts/slipway/files/crds/{resource.plural}.yaml"] = text
    chart = ROOT / "charts/slipway"
    values = read_values((chart / "values.yaml").read_text())
    files["charts/slipway/values.schema.json"] = schema_text(values)
    files["charts/slipway/README.md"] = readme_text(values, (chart / "README.md.in").read_text())
    files["docs/openapi.json"] = API_HEADER + json.dumps(openapi(), indent=1, sort_keys=True)[2:] + "\n"
    return files


def main() -> int:
    """Write the files, or with --check name the ones that differ."""
    check = "--check" in sys.argv
    stale = [path for path, text in generated_files().items() if not _is(ROOT / path, text)]
    if check:
        print("\n".join(f"{path} is not as generated: run `make generate`" for path in stale) or "all as generated")
        return 1 if stale else 0
    for path in stale:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(generated_files()[path])
        print(f"wrote {path}")
    return 0


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


if __name__ == "__main__":
    sys.exit(main())
