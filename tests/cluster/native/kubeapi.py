"""Kubeconfig -> the few requests that the cluster's own helpers make, with the standard library alone."""

from __future__ import annotations

import base64
import json
import ssl
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import yaml

TIMEOUT_SECONDS = 30.0
HTTP_CONFLICT, HTTP_NOT_FOUND = 409, 404


class ApiError(Exception):
    """The API server refused a request."""


class Api:
    """One user's view of one API server, by client certificate."""

    def __init__(self, kubeconfig: Path) -> None:
        document = yaml.safe_load(kubeconfig.read_text())
        cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
        self._server = cluster["server"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        context = ssl.create_default_context(cadata=authority)
        pair = b"".join(base64.b64decode(user[f"client-{kind}-data"]) for kind in ("certificate", "key"))
        with tempfile.NamedTemporaryFile() as file:  # the ssl module reads key pairs from files only
            file.write(pair)
            file.flush()
            context.load_cert_chain(file.name)
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def list(self, path: str) -> list[dict[str, Any]]:
        """All objects of a collection."""
        items: list[dict[str, Any]] = self._call("GET", path)["items"]
        return items

    def create(self, path: str, body: dict[str, Any]) -> None:
        """Add an object; one of that name that exists already is fine."""
        self._call("POST", path, body, ignore=HTTP_CONFLICT)

    def delete(self, path: str) -> None:
        """Remove an object; one that is gone already is fine."""
        self._call("DELETE", path, ignore=HTTP_NOT_FOUND)

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, ignore: int = 0
    ) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the address comes from our own kubeconfig
            self._server + path,
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json", "User-Agent": "slipway-cluster"},
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                answer: dict[str, Any] = json.load(response)
                return answer
        except urllib.error.HTTPError as error:
            if error.code == ignore:
                return {}
            raise ApiError(f"{method} {path}: {error.code} {error.read().decode()[:300]}") from error
