"""The locked requirements of wheel and UI -> known vulnerabilities, or which packages nobody could be asked about.

python -m tests.audit

Ends with 0 only when every package was looked up and none is known to be vulnerable; 1 = some are; 2 = not all could be
looked up, which is no all-clear.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
REQUIREMENTS: Final = ROOT / "dist" / "requirements.txt"
_PIP_AUDIT: Final = ("--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json")


@dataclass(frozen=True)
class Audit:
    """What is known of one set of packages."""

    looked_up: int
    vulnerable: tuple[str, ...] = ()
    """One line for each vulnerability."""
    unknown: tuple[str, ...] = ()
    """One line for each package, or for all, that could not be looked up."""


def main() -> int:
    """Audit both, and tell."""
    audits = {
        "Python": of_python(_output([sys.executable, "-m", "pip_audit", "-r", str(REQUIREMENTS), *_PIP_AUDIT])),
        "UI": of_ui(_output(["npm", "audit", "--omit=dev", "--json"], ROOT / "ui")),
    }
    for name, audit in audits.items():
        print(f"{name}: {audit.looked_up} packages looked up, {len(audit.vulnerable)} vulnerabilities")
        for line in audit.vulnerable:
            print(f"  {line}")
        if audit.unknown:
            print(f"  not looked up: {len(audit.unknown)}, such as: {audit.unknown[0]}", file=sys.stderr)
    return code_of(audits.values())


def code_of(audits: Any) -> int:
    """The exit code: a vulnerability weighs more than an unknown."""
    found = list(audits)
    return 1 if any(audit.vulnerable for audit in found) else 2 if any(audit.unknown for audit in found) else 0


def of_python(output: str) -> Audit:
    """What pip-audit says, which calls it a success when it could look up nothing."""
    report = _parsed(output)
    packages = report.get("dependencies")
    if not packages:
        return Audit(0, unknown=(_first_line(output) or "pip-audit gave no report",))
    return Audit(
        looked_up=sum("skip_reason" not in each for each in packages),
        vulnerable=tuple(
            f"{each['name']} {each['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'none'}"
            for each in packages
            for known in each.get("vulns", ())
        ),
        unknown=tuple(str(each["skip_reason"]) for each in packages if "skip_reason" in each),
    )


def of_ui(output: str) -> Audit:
    """What npm audit says."""
    report = _parsed(output)
    if "vulnerabilities" not in report:
        return Audit(0, unknown=(str(report.get("message") or _first_line(output) or "npm audit gave no report"),))
    found = report["vulnerabilities"].values()
    return Audit(
        looked_up=report["metadata"]["dependencies"]["prod"],
        vulnerable=tuple(f"{each['name']} {each['range']}: {each['severity']}" for each in found),
    )


def _output(words: Sequence[str], cwd: Path = ROOT) -> str:
    """What a program prints, on standard error where there is nothing else."""
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.strip()


def _parsed(output: str) -> dict[str, Any]:
    try:
        report = json.loads(output)
    except ValueError:
        return {}
    return report if isinstance(report, dict) else {}


def _first_line(output: str) -> str:
    return output.partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
