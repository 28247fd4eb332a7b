"""Claims of our StorageClass -> one folder and one bound volume each; a released volume -> nothing.

    python3 -m tests.cluster.native.provisioner KUBECONFIG FOLDER

The volumes are of the kind `local` and not `hostPath`, because only for `local` does the kubelet
apply a Pod's `fsGroup`: a Pod that is not root could not write otherwise.
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.cluster.native.addresses import NODE_NAME
from tests.cluster.native.kubeapi import Api, ApiError, Object

PROVISIONER = "slipway.dev/local"
STORAGE_CLASS = "local"
OWNED_BY = "pv.kubernetes.io/provisioned-by"
CLAIMS = "/api/v1/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"
PAUSE_SECONDS = 1.0


def main() -> None:
    """Serve claims until told to stop."""
    api, folder = Api(Path(sys.argv[1])), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    releases = partial(follow, api, VOLUMES, partial(reclaim, api, folder))
    threading.Thread(target=releases, daemon=True).start()
    follow(api, CLAIMS, partial(serve, api, folder))


def follow(api: Api, path: str, handle: Callable[[Object], None]) -> None:
    """Hand over every object of a collection, and each again when it changes; outlives the API server."""
    while True:
        try:
            objects, version = api.list(path)
            for each in objects:
                handle(each)
            for each in api.changes(path, version):
                handle(each)
        except ApiError as error:
            print(error, file=sys.stderr, flush=True)
            time.sleep(PAUSE_SECONDS)


def serve(api: Api, folder: Path, claim: Object) -> None:
    """Create the volume that a pending claim of our class waits for."""
    wants_ours = claim["spec"].get("storageClassName") == STORAGE_CLASS
    if not wants_ours or claim["spec"].get("volumeName") or claim["metadata"].get("deletionTimestamp"):
        return
    volume = volume_for(claim, folder)
    Path(volume["spec"]["local"]["path"]).mkdir(exist_ok=True)
    Path(volume["spec"]["local"]["path"]).chmod(0o777)
    api.create(VOLUMES, volume)


def reclaim(api: Api, folder: Path, volume: Object) -> None:
    """Delete a volume of ours whose claim is gone, and what was written to it."""
    name = volume["metadata"]["name"]
    is_ours = volume["metadata"].get("annotations", {}).get(OWNED_BY) == PROVISIONER
    is_released = volume["status"].get("phase") == "Released"
    if is_ours and is_released and volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete":
        shutil.rmtree(folder / name, ignore_errors=True)
        api.delete(f"{VOLUMES}/{name}")


def volume_for(claim: Object, folder: Path) -> Object:
    """The volume object for one claim; its name comes from the claim's uid, so a second try collides."""
    metadata, spec = claim["metadata"], claim["spec"]
    name = f"pvc-{metadata['uid']}"
    node = {"key": "kubernetes.io/hostname", "operator": "In", "values": [NODE_NAME]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {OWNED_BY: PROVISIONER}},
        "spec": {
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "accessModes": spec["accessModes"],
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": STORAGE_CLASS,
            "volumeMode": "Filesystem",
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": metadata["namespace"],
                "name": metadata["name"],
                "uid": metadata["uid"],
            },
            "local": {"path": str(folder / name)},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [node]}]}},
        },
    }


if __name__ == "__main__":
    main()
