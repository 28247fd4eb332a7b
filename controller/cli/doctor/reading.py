"""The rights that users need, and Prometheus' text -> samples."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Right:
    """Something that a person may be allowed to do."""

    verb: str
    resource: str
    group: str = "slipway.dev"
    subresource: str = ""

    @property
    def words(self) -> str:
        """`get pods/log`."""
        return f"{self.verb} {self.resource}{f'/{self.subresource}' if self.subresource else ''}"


RIGHTS: Final = (
    Right("list", "dags"),
    Right("list", "dagruns"),
    Right("list", "taskruns"),
    Right("list", "pools"),
    Right("create", "dagruns"),
    Right("patch", "dags"),
    Right("patch", "dagruns"),
    Right("list", "pods", ""),
    Right("get", "pods", "", "log"),
)
"""What the commands and the UI need for everyday work."""


async def read_lines(stream: AsyncGenerator[bytes, None]) -> list[str]:
    """The lines of an answer."""
    async with aclosing(stream) as pieces:
        text = b"".join([piece async for piece in pieces])
    return text.decode(errors="replace").splitlines()


def samples_of(lines: list[str]) -> Mapping[tuple[str, str], float]:
    """Prometheus' text -> the samples by name and by the value of their first label, empty where there is none."""
    from prometheus_client.parser import text_string_to_metric_families

    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families("\n".join(lines) + "\n")
        for sample in family.samples
    }
