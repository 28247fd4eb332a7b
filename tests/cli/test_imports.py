"""The commands with a fixed contract start at once, since they import next to nothing."""

import json
import subprocess
import sys

import pytest

DAG = json.dumps(
    {
        "apiVersion": "slipway.dev/v1alpha1",
        "kind": "Dag",
        "metadata": {"name": "etl"},
        "spec": {"schedule": {"cron": "@daily"}, "tasks": [{"name": "a", "noop": {}}]},
    }
)
SLOW = {
    "aiohttp",
    "alembic",
    "asyncio",
    "cryptography",
    "jsonschema",
    "kopf",
    "kubernetes",
    "psycopg",
    "pydantic_settings",
    "rich",
    "sqlalchemy",
    "structlog",
}
PROGRAM = """
import sys
from controller.cli import main
try:
    main()
except SystemExit as left:
    code = left.code
print(code or 0, *sorted({name.split(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize("words", [("validate", "-"), ("priorities", "-"), ("next", "-"), ("--help",)])
def test_a_command_without_a_cluster(words: tuple[str, ...]) -> None:
    """It loads no client, database, event loop or logger; JSON Schema comes with a Dag that has params."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], input=DAG, capture_output=True, text=True, check=True
    )
    code, *modules = done.stderr.split()
    assert code == "0"
    assert SLOW.intersection(modules) == set()


def test_a_dag_with_params() -> None:
    """JSON Schema is loaded without the grammar that takes a second to compile."""
    spec = {"params": {"x": {"type": "string", "format": "date", "default": "2026-01-01"}}}
    dag = json.loads(DAG)
    dag["spec"] |= spec
    program = [sys.executable, "-c", PROGRAM, "validate", "-"]
    done = subprocess.run(program, input=json.dumps(dag), capture_output=True, text=True, check=True)
    code, *modules = done.stderr.split()
    assert code == "0"
    assert "jsonschema" in modules
    assert not {"lark", "rfc3987"}.intersection(modules)
