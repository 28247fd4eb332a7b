"""The admission webhook: its configurations are filled in, in time, and harmless while it is away; it is called."""

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from controller.cli.doctor.evidence import Evidence, Missing, span_told
from controller.cli.doctor.finding import Finding, fail, ok, skipped, warn

_LEFT: Final = 0.1
"""A certificate is made anew at two thirds of its life, so one with so little left was not."""
_WAY: Final = "let it reach the controller's port 9443 (firewall, NetworkPolicy), or set webhook.enabled=false"
_WHO: Final = "the controller writes it: is it ready, and may it patch the configuration?"


def webhooks(evidence: Evidence) -> Iterator[Finding]:
    """Each configuration that is ours."""
    if isinstance(evidence.webhooks, Missing):
        yield skipped("webhook", f"Webhook configurations can't be read: {evidence.webhooks.why}")
        return
    if not evidence.webhooks:
        yield skipped("webhook", "No admission webhook is installed: faults show in the Dag's condition Ready alone")
    for configuration in evidence.webhooks:
        name = configuration["metadata"]["name"]
        for each in configuration.get("webhooks") or ():
            yield _judged(f"{name}/{each['name']}", each, evidence.now)
    match evidence.webhook_is_called:
        case True:
            yield ok("webhook", "The API server reaches the webhook: a Dag with a fault is refused at once")
        case False:
            told = "The API server does not reach the webhook: a Dag with a fault passed (nothing was stored)"
            yield warn("webhook", f"{told}, so faults show late and authors are not noted", _WAY)
        case Missing(why=why):
            yield skipped("webhook", f"Whether the API server reaches the webhook is not known: {why}")


def _judged(name: str, webhook: dict[str, Any], now: datetime) -> Finding:
    bundle = (webhook.get("clientConfig") or {}).get("caBundle")
    if not bundle:
        return warn("webhook", f"{name} has no caBundle, so it is passed over", _WHO)
    if webhook.get("failurePolicy") != "Ignore":
        fix = "set it to Ignore: the controller judges again, and an outage of it must not stop `kubectl apply`"
        return warn("webhook", f"{name} has failurePolicy {webhook.get('failurePolicy')}", fix)
    life = _life(bundle)
    if life is None:
        return fail("webhook", f"The caBundle of {name} is no certificate", _WHO)
    begins_at, ends_at = life
    if ends_at < now:
        return fail("webhook", f"The certificate of {name} ended {span_told(now - ends_at)} ago", _WHO)
    if ends_at - now < _LEFT * (ends_at - begins_at):
        return warn("webhook", f"The certificate of {name} ends in {span_told(ends_at - now)}", _WHO)
    return ok("webhook", f"{name}: the certificate holds for {span_told(ends_at - now)}")


def _life(bundle: str) -> tuple[datetime, datetime] | None:
    """When the certificate of the bundle that ends last begins and ends; None where there is none."""
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificates(base64.b64decode(bundle))
    except (binascii.Error, ValueError):
        return None
    return max(((each.not_valid_before_utc, each.not_valid_after_utc) for each in found), key=lambda life: life[1])
