"""A Pod spec and a user's fragment of one -> the merged spec, lists joined as the API server would join them.

Kubernetes' strategic merge: maps merge by field, the lists below by their patchMergeKey, other lists are replaced, null
removes a field. Written by hand because the merge keys live in Go struct tags that no Python client carries.
"""

from collections.abc import Mapping
from typing import Any, Final

MERGE_KEYS: Final[Mapping[str, str]] = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "volumes": "name",
    "env": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "ports": "containerPort",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
    "resourceClaims": "name",
    "schedulingGates": "name",
}
"""Field -> merge key, from the patchMergeKey tags of k8s.io/api/core/v1 types.go."""


def merge(base: Any, fragment: Any) -> Any:
    """`base` with `fragment` laid over it; neither is changed."""
    if not isinstance(base, Mapping) or not isinstance(fragment, Mapping):
        return fragment
    merged = dict(base)
    for field, value in fragment.items():
        if value is None:
            merged.pop(field, None)
        elif field in MERGE_KEYS and isinstance(value, list) and isinstance(merged.get(field), list):
            merged[field] = _merge_list(merged[field], value, MERGE_KEYS[field])
        else:
            merged[field] = merge(merged.get(field), value)
    return merged


def _merge_list(base: list[Any], fragment: list[Any], key: str) -> list[Any]:
    merged = list(base)
    places = {item.get(key): place for place, item in enumerate(base) if isinstance(item, Mapping)}
    for item in fragment:
        place = places.get(item.get(key)) if isinstance(item, Mapping) else None
        if place is None:
            merged.append(item)
        else:
            merged[place] = merge(merged[place], item)
    return merged
