"""`slipway validate FILE...`: files -> one line `FILE: path: message` for each fault."""

import sys
from collections.abc import Sequence

from controller.cli.manifest import read_manifests


def validate_files(files: Sequence[str]) -> int:
    """The exit code: 0 when every file is valid, else 1. Faults go to standard error."""
    failed = False
    for file in files:
        manifests = read_manifests(file)
        if not manifests:
            print(f"{file}: holds no Dag")
        for manifest in manifests:
            for fault in manifest.faults:
                failed = True
                print(f"{file}: {fault}", file=sys.stderr)
            if not manifest.faults:
                count = len(manifest.plan.tasks) if manifest.plan else 0
                print(f"{file}: Dag {manifest.name} is valid, with {count} task{'' if count == 1 else 's'}")
    return 1 if failed else 0
