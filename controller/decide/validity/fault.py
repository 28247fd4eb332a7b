"""What is wrong with a Dag, as its user reads it."""

from dataclasses import dataclass

from controller.model.plan import Plan


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a Dag."""

    path: str
    """Where, such as `spec.tasks[2].dependsOn`."""
    message: str
    """One sentence that says what is wrong, and what would be right."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


@dataclass(frozen=True, slots=True)
class Judgement:
    """A plan or the faults that stand in its way."""

    plan: Plan | None
    faults: tuple[Fault, ...] = ()


def short(value: object) -> str:
    """A user's value in at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
