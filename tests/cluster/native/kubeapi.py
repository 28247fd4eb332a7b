"""Kubeconfig -> the few requests that the cluster's own helpers make, with the standard library alone."""

from __future__ import annotations

import base64
import json
import ssl
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any

import yaml

TIMEOUT_SECONDS = 30.0
WATCH_SECONDS = 300
CONFLICT, NOT_FOUND = 409, 404

Object = dict[str, Any]


class ApiError(Exception):
    """The API server refused a request or could not be reached."""


class Api:
    """One user's view of one API server, by client certificate."""

    def __init__(self, kubeconfig: Path) -> None:
        document = yaml.safe_load(kubeconfig.read_text())
        cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
        self._server: str = cluster["server"]
        context = ssl.create_default_context(cadata=_decoded(cluster, "certificate-authority-data").decode())
        with tempfile.NamedTemporaryFile() as file:  # the ssl module reads key pairs from files only
            file.write(_decoded(user, "client-certificate-data") + _decoded(user, "client-key-data"))
            file.flush()
            context.load_cert_chain(file.name)
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def list(self, path: str) -> tuple[list[Object], str]:
        """All objects of a collection, and the version to watch from."""
        answer = self._call("GET", path)
        return answer["items"], answer["metadata"]["resourceVersion"]

    def changes(self, path: str, version: str) -> Iterator[Object]:
        """Each object added or modified after `version`, until the server ends the watch."""
        query = f"{path}?watch=1&timeoutSeconds={WATCH_SECONDS}&resourceVersion={version}"
        try:
            with self._opener.open(self._request("GET", query), timeout=WATCH_SECONDS * 2) as response:
                for line in response:
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        raise ApiError(event["object"].get("message"))
                    if event["type"] != "DELETED":
                        yield event["object"]
        except (OSError, HTTPException) as error:
            raise ApiError(f"WATCH {path}: {error}") from error

    def create(self, path: str, body: Object) -> None:
        """Add an object; one of that name that exists already is fine."""
        self._call("POST", path, body, ignore=CONFLICT)

    def delete(self, path: str) -> None:
        """Remove an object; one that is gone already is fine."""
        self._call("DELETE", path, ignore=NOT_FOUND)

    def _call(self, method: str, path: str, body: Object | None = None, *, ignore: int = 0) -> Object:
        try:
            with self._opener.open(self._request(method, path, body), timeout=TIMEOUT_SECONDS) as response:
                answer: Object = json.load(response)
                return answer
        except urllib.error.HTTPError as error:
            if error.code == ignore:
                return {}
            raise ApiError(f"{method} {path}: {error.code} {error.read().decode()[:300]}") from error
        except (OSError, HTTPException) as error:
            raise ApiError(f"{method} {path}: {error}") from error

    def _request(self, method: str, path: str, body: Object | None = None) -> urllib.request.Request:
        return urllib.request.Request(  # noqa: S310 - the address comes from our own kubeconfig
            self._server + path,
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json", "User-Agent": "slipway-cluster"},
        )


def _decoded(section: dict[str, str], key: str) -> bytes:
    return base64.b64decode(section[key])
