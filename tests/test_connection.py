"""The environment -> which cluster is talked to."""

from pathlib import Path

import pytest
import yaml
from kubernetes import config

from controller.connection import load_connection
from controller.errors import Unavailable


def _kubeconfig(path: Path, server: str) -> str:
    named = {"name": "here", "context": {"cluster": "c", "user": "u"}}
    clusters = [{"name": "c", "cluster": {"server": server}}]
    users = [{"name": "u", "user": {"token": "t"}}]
    content = {"contexts": [named], "clusters": clusters, "users": users, "current-context": "here"}
    path.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **content}))
    return str(path)


def test_the_variable_counts_whenever_it_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the library was imported long before, as it is here."""
    assert config.KUBE_CONFIG_DEFAULT_LOCATION
    for server in ("https://one.example.org", "https://two.example.org"):
        monkeypatch.setenv("KUBECONFIG", _kubeconfig(tmp_path / "config", server))
        assert load_connection().server == server


def test_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not exist is passed over, as kubectl does."""
    there = _kubeconfig(tmp_path / "there", "https://there.example.org")
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/absent:{there}")
    assert load_connection().server == "https://there.example.org"


def test_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said that no cluster is configured."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "absent"))
    with pytest.raises(Unavailable, match="no cluster is configured"):
        load_connection()
