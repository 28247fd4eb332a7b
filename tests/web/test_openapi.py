"""The API as it describes itself: what a fuzzer sends after the description, and what comes back, fit it."""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.transport import Response as Answered

from controller.generate import ROOT
from controller.web.app import openapi
from tests.web.client import Response
from tests.web.conftest import Web
from tests.web.objects import A
from tests.web.test_authorisation import NAMES

OPERATIONS: dict[str, Any] = {
    result.ok().label: result.ok()  # type: ignore[union-attr]  # our own description has no operation at fault
    for result in schemathesis.openapi.from_dict(openapi()).get_all_operations()
}
ENDLESS = "GET /api/v1/events"


async def test_the_description_is_the_one_in_the_repository(web: Web) -> None:
    """What is served is docs/openapi.json, but for the line that says who makes it."""
    kept = json.loads((ROOT / "docs/openapi.json").read_text())
    assert kept.pop("x-generated")
    assert (await web.client().get("/api/v1/openapi.json")).json() == kept


def test_every_operation_is_described() -> None:
    """With a name of its own, a sentence, and problems as problem documents."""
    names: list[str] = []
    for methods in openapi()["paths"].values():
        for operation in methods.values():
            names.append(operation["operationId"])
            assert operation["description"].strip(), operation["operationId"]
            assert list(operation["responses"]["403"]["content"]) == ["application/problem+json"]
    assert len(names) == len(set(names))


def test_every_field_is_described() -> None:
    """The description is the API's manual."""
    bare = [
        f"{name}.{field}"
        for name, schema in openapi()["components"]["schemas"].items()
        for field, told in schema.get("properties", {}).items()
        if not told.get("description") and "$ref" not in told
    ]
    assert bare == []


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("label", sorted(OPERATIONS.keys() - {ENDLESS}))
def test_a_fuzzer_finds_no_fault(web: Web, label: str) -> None:
    """No error of ours; every status and every body is one that the description has."""
    operation = OPERATIONS[label]
    web.server.logs["etl-03-report-2"] = [b"done"]

    # Without shrinking: it would take minutes, and the answer in the failure tells enough.
    @settings(
        max_examples=6,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), is_real=st.booleans())
    def fuzz(case: Any, is_real: bool) -> None:
        if is_real and case.path_parameters:
            known = {"namespace": A, **NAMES}
            case.path_parameters = {name: known[name] for name in case.path_parameters}
        answer = asyncio.run(_sent(web, case))
        # A name with a blank or a slash in it may be another address.
        assert str(answer.status) in {*operation.definition.raw["responses"], "405"}, answer.text
        assert answer.status < 500, answer.text
        if answer.status != 405:
            operation.validate_response(_as_schemathesis_knows(answer))

    fuzz()


async def _sent(web: Web, case: Any) -> Response:
    wanted = requests.Request(**case.as_transport_kwargs(base_url="https://slipway.test")).prepare()
    parts = urlsplit(str(wanted.url))
    body = wanted.body.encode() if isinstance(wanted.body, str) else wanted.body
    headers = {"Content-Type": "application/json"} if body else {}
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return await web.admin.send(
        str(wanted.method), path, body=body if isinstance(body, bytes) else b"", headers=headers
    )


def _as_schemathesis_knows(answer: Response) -> Answered:
    return Answered(
        status_code=answer.status,
        headers={name: [value] for name, value in answer.headers.items()},
        content=answer.body,
        request=requests.Request("GET", "https://slipway.test/").prepare(),
        elapsed=0.0,
        verify=True,
    )
