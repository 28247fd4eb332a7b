"""Dags -> the labels of their series, for a bounded number of Dags: those after it are counted together.

A histogram has some fifteen series for each Dag, and a tenant may create Dags without end.
"""

from typing import Final

from controller.model.metadata import Key

OTHERS: Final = ("", "other")
"""Namespace and Dag in the labels of all those without series of their own. No Dag has an empty namespace."""


class DagSeries:
    """The Dags with series of their own, the first come."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[Key] = set()

    def labels(self, dag: Key) -> tuple[str, str]:
        """Namespace and Dag as labels."""
        if dag not in self._known:
            if len(self._known) >= self._most:
                return OTHERS
            self._known.add(dag)
        return dag.namespace, dag.name

    def forget(self, dag: Key) -> bool:
        """The Dag is gone and another one may have its place; whether it had series of its own."""
        if dag not in self._known:
            return False
        self._known.remove(dag)
        return True
