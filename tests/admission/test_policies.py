"""The two policies that the API server judges by itself, evaluated by another CEL than its own.

Its authoriser is stood in for by two names: `mayCreatePods`, and the accounts in `mayUse`.
"""

import re
from typing import Any, Final

import cel
import pytest
import yaml

from controller.model.authorship import CREATED_BY, MAY_USE, WRITTEN_BY, may_use, written_by
from tests.decide.drawing import drawn_spec
from tests.house.tree import ROOT

ATTRIBUTION: Final = "charts/slipway/files/attribution-policy.yaml"
GATE: Final = "docs/policies/dags-without-a-webhook.yaml"
_CREATES: Final = r"authorizer\.group\(''\)\.resource\('pods'\)[^|)]*\)\.check\('create'\)\.allowed\(\)"
_USES: Final = (
    r"authorizer\.group\(''\)\s*\.resource\('serviceaccounts'\)\s*"
    r"\.namespace\(request\.namespace\)\.name\(account\)\.check\('use'\)\.allowed\(\)"
)


def policy(path: str) -> dict[str, Any]:
    """The policy's spec, without what helm fills in."""
    text = re.sub(r"^\s*\{\{.*\}\}\n", "", (ROOT / path).read_text(), flags=re.MULTILINE)
    spec: dict[str, Any] = next(yaml.safe_load_all(re.sub(r"\{\{.*?\}\}", "x", text)))["spec"]
    return spec


def value(expression: str, scene: dict[str, Any]) -> Any:
    """What an expression comes to."""
    text = re.sub(_USES, "(account in mayUse)", re.sub(_CREATES, "mayCreatePods", expression))
    assert "authorizer" not in text, text
    context = cel.Context(variables=scene)
    context.add_function("split", lambda whole, at: whole.split(at))  # Kubernetes' library of strings
    return cel.compile(text).execute(context)


def denied(path: str, new: Any, old: Any = None, user: str = "ada", **rights: Any) -> list[str]:
    """The messages with which the policy denies the request."""
    scene: dict[str, Any] = {
        "object": new,
        "oldObject": old,
        "request": {"userInfo": {"username": user}, "namespace": "team"},
        "variables": {},
        "mayCreatePods": False,
        "mayUse": [],
        **rights,
    }
    spec = policy(path)
    if not all(value(each["expression"], scene) for each in spec["matchConditions"]):
        return []
    for each in spec["variables"]:
        scene["variables"][each["name"]] = value(each["expression"], scene)
    return [each["message"] for each in spec["validations"] if not value(each["expression"], scene)]


def noted(**annotations: str) -> dict[str, Any]:
    """An object with these annotations."""
    return {"metadata": {"annotations": annotations} if annotations else {}, "spec": {}}


FINGERPRINT = written_by("{}", "").strip()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (None, noted(), None),
        (None, noted(mine="x"), None),
        (None, noted(**{CREATED_BY: "ada"}), None),
        (None, noted(**{CREATED_BY: "bob"}), "created-by"),
        (noted(**{CREATED_BY: "bob"}), noted(**{CREATED_BY: "bob"}), None),
        (noted(**{CREATED_BY: "bob"}), noted(), None),
        (noted(**{CREATED_BY: "bob"}), noted(**{CREATED_BY: "ada"}), "created-by"),
        (noted(), noted(**{CREATED_BY: "ada"}), "created-by"),
        (None, noted(**{WRITTEN_BY: written_by("{}", "ada")}), None),
        (None, noted(**{WRITTEN_BY: written_by("{}", "bob")}), "written-by"),
        (None, noted(**{WRITTEN_BY: f"{FINGERPRINT} bob ada"}), "written-by"),
        (None, noted(**{WRITTEN_BY: "ada"}), "written-by"),
        (noted(**{WRITTEN_BY: "x bob"}), noted(**{WRITTEN_BY: "x bob"}), None),
        (noted(**{WRITTEN_BY: "x bob"}), noted(**{WRITTEN_BY: written_by("{}", "ada")}), None),
        (None, noted(**{MAY_USE: may_use("{}", ["mine"])}), None),
        (None, noted(**{MAY_USE: may_use("{}", ["mine", "loader"])}), "may-use"),
        (noted(**{MAY_USE: may_use("{}", ["loader"])}), noted(**{MAY_USE: may_use("{}", ["loader"])}), None),
        (noted(), noted(**{MAY_USE: may_use("{}", ["loader"])}), "may-use"),
        (None, noted(**{MAY_USE: may_use("{}", [f"a{n}" for n in range(21)])}), "may-use"),
    ],
)
def test_names_that_may_stand_there(old: Any, new: Any, fault: str | None) -> None:
    """The caller's own, what stood there before, or none; and accounts that the caller may use."""
    found = denied(ATTRIBUTION, new, old, mayUse=["mine", *(f"a{n}" for n in range(21))])
    assert [said.split()[2].removeprefix("slipway.dev/") for said in found] == ([fault] if fault else [])


def test_who_may_create_pods_may_use_any_account() -> None:
    """As at the webhook."""
    assert denied(ATTRIBUTION, noted(**{MAY_USE: may_use("{}", ["loader"])}), mayCreatePods=True) == []


def test_what_is_on_its_way_out() -> None:
    """It is not looked at."""
    for path in (ATTRIBUTION, GATE):
        assert (
            denied(path, {"metadata": {"deletionTimestamp": "x", "annotations": {CREATED_BY: "bob"}}, "spec": {}}, {})
            == []
        )


LOADER: Final = {"serviceAccountName": "loader"}
PRIVILEGED: Final = {"initContainers": [{"name": "x", "securityContext": {"privileged": True}}]}


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        (drawn_spec("a >> b"), None),
        (drawn_spec("a", defaults={"serviceAccountName": "default", "pod": {"hostNetwork": False}}), None),
        (drawn_spec("a", {"a": LOADER}), "account"),
        (drawn_spec("a", defaults=LOADER), "account"),
        (
            drawn_spec("a", groups=[{"name": "g"}, {"name": "h", "defaults": {"pod": {"serviceAccount": "loader"}}}]),
            "account",
        ),
        (drawn_spec("a", {"a": {"pod": {"hostPID": True}}}), "node's network"),
        (drawn_spec("a", {"a": {"pod": {"nodeName": "n"}}}), "node's network"),
        (drawn_spec("a", defaults={"pod": {"volumes": [{"name": "x", "hostPath": {}}]}}), "node's files"),
        (drawn_spec("a", {"a": {"pod": PRIVILEGED}}), "privileged"),
    ],
)
def test_dags_without_a_webhook(spec: Any, fault: str | None) -> None:
    """What they ask for is judged wherever it can be written; a Dag that stays as it is passes."""
    new = {"metadata": {}, "spec": spec}
    found = denied(GATE, new)
    assert len(found) == (1 if fault else 0)
    assert fault is None or fault in found[0]
    assert denied(GATE, new, {"spec": {}}) == found
    assert denied(GATE, {**new, "metadata": {"labels": {}}}, new) == []
    if fault == "account":
        assert denied(GATE, new, mayUse=["loader"]) == denied(GATE, new, mayCreatePods=True) == []
