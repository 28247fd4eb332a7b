"""Data of a Secret, and now -> the certificate that the webhook serves, or a new one in its place. No input or output.

Each certificate is signed by an authority made for it alone, whose key is thrown away at once: there is no key that
could sign another. The old authorities stay in the bundle until they end, so that replicas may change one by one.
"""

import base64
import binascii
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_KEYS: Final = {"authorities": "ca.crt", "certificate": "tls.crt", "key": "tls.key"}
_PATH: Final = "path"
_SKEW: Final = timedelta(minutes=5)
"""Clocks of the cluster may be so far behind ours."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the Secret holds."""

    authorities: bytes
    """What the API server may trust, as PEM, the newest first."""
    certificate: bytes
    key: bytes
    path: str
    """A secret beginning of the webhook's path: who does not know it is not the API server."""

    @property
    def ends_at(self) -> datetime:
        """When the certificate ends."""
        return x509.load_pem_x509_certificate(self.certificate).not_valid_after_utc


def held_in(data: Mapping[str, Any] | None) -> Held | None:
    """What a Secret's data holds; None where it is not complete, or was not written by us."""
    try:
        parts = {field: base64.b64decode((data or {})[name], validate=True) for field, name in _KEYS.items()}
        held = Held(**parts, path=base64.b64decode((data or {})[_PATH], validate=True).decode())
        list(_certificates(held.authorities))
        serialization.load_pem_private_key(held.key, password=None)
        return held if held.path and held.ends_at else None
    except (KeyError, ValueError, TypeError, binascii.Error):
        return None


def data_of(held: Held) -> dict[str, str]:
    """What stands in the Secret's data."""
    parts = {name: getattr(held, field) for field, name in _KEYS.items()} | {_PATH: held.path.encode()}
    return {name: base64.b64encode(value).decode() for name, value in parts.items()}


def is_due(held: Held | None, hosts: Sequence[str], now: datetime) -> bool:
    """Whether a new certificate is needed: two thirds of the old one's life are over, or it has other names."""
    if held is None:
        return True
    certificate = x509.load_pem_x509_certificate(held.certificate)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    begins_at = certificate.not_valid_before_utc + _SKEW
    life = certificate.not_valid_after_utc - begins_at
    return names.get_values_for_type(x509.DNSName) != [*hosts] or now >= begins_at + life * 2 / 3


def renewed(before: Held | None, hosts: Sequence[str], now: datetime, seconds: int) -> Held:
    """A new certificate for the names, beside the authorities before that have not ended."""
    ends_at = now + timedelta(seconds=seconds)
    signing, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _signed("slipway webhook authority", signing, signing, (now, ends_at), _authority())
    leaf = _signed(hosts[0][:64], own, signing, (now, ends_at), _leaf(hosts))
    kept = [each for each in _certificates(before.authorities) if each.not_valid_after_utc > now] if before else []
    pem = serialization.Encoding.PEM
    return Held(
        authorities=b"".join(each.public_bytes(pem) for each in (authority, *kept)),
        certificate=leaf.public_bytes(pem),
        key=own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        path=before.path if before else secrets.token_hex(16),
    )


def _certificates(pem: bytes) -> Iterator[x509.Certificate]:
    yield from x509.load_pem_x509_certificates(pem)


def _authority() -> dict[x509.ExtensionType, bool]:
    usage = dict.fromkeys(
        (
            *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
            *("crl_sign", "encipher_only", "decipher_only"),
        ),
        False,
    )
    return {
        x509.BasicConstraints(ca=True, path_length=0): True,
        x509.KeyUsage(**usage, key_cert_sign=True): True,
    }


def _leaf(hosts: Sequence[str]) -> dict[x509.ExtensionType, bool]:
    return {
        x509.BasicConstraints(ca=False, path_length=None): True,
        x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]): False,
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]): False,
    }


def _signed(
    name: str,
    own: ec.EllipticCurvePrivateKey,
    signing: ec.EllipticCurvePrivateKey,
    life: tuple[datetime, datetime],
    extensions: Mapping[x509.ExtensionType, bool],
) -> x509.Certificate:
    """A certificate of the one key, signed by the other."""
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "slipway webhook authority")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(life[0] - _SKEW)
        .not_valid_after(life[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )
    for extension, critical in extensions.items():
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(signing, hashes.SHA256())
