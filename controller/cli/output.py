"""Data -> what a command prints: JSON alone, or a table for people."""

import json
from collections.abc import Sequence
from typing import Any

from controller.errors import Usage


def check_format(output: str) -> None:
    """Usage unless the format is known."""
    if output not in {"json", "table"}:
        raise Usage(f"-o {output}: the formats are table and json")


def print_json(data: Any) -> None:
    """The data as JSON on standard output, and nothing else."""
    print(json.dumps(data, indent=2))


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as their longest cell, three blanks apart, as kubectl prints them."""
    widths = [max(len(row[place]) for row in (titles, *rows)) for place in range(len(titles))]
    for row in (titles, *rows):
        print("   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
