"""Two specs -> what was added and taken away between them, line by line of their YAML."""

import difflib
import json
from typing import Final

import yaml

from controller.web.problems import Invalid

MOST_LINES: Final = 20_000


def unified(before: str, after: str, names: tuple[str, str]) -> list[str]:
    """The lines of a unified diff of two specs in JSON; none where they are equal."""
    old, new = _lines(before), _lines(after)
    if len(old) + len(new) > MOST_LINES:
        raise Invalid(f"the two have more than {MOST_LINES:,} lines together: compare them with your own tools")
    return list(difflib.unified_diff(old, new, *names, lineterm="", n=3))


def _lines(spec: str) -> list[str]:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.dump(json.loads(spec), Dumper=dumper, sort_keys=True, width=120, allow_unicode=True)
    return str(text).splitlines()
