"""A right that a caller must have, in the words of RBAC."""

from dataclasses import dataclass

from controller.model.names import GROUP


@dataclass(frozen=True, slots=True)
class Need:
    """What a caller must be allowed, in the words of RBAC."""

    verb: str
    resource: str
    subresource: str = ""
    group: str = GROUP

    def __str__(self) -> str:
        tail = f"/{self.subresource}" if self.subresource else ""
        dot = f".{self.group}" if self.group else ""
        return f"{self.verb} {self.resource}{tail}{dot}"
