"""Folder -> a certificate authority, the parts' certificates and one kubeconfig per client.

| kubeconfig         | user                            | groups           |
| ------------------ | ------------------------------- | ---------------- |
| admin              | admin                           | system:masters   |
| kubelet            | system:node:<node>              | system:nodes     |
| controller-manager | system:kube-controller-manager  |                  |
| ...                | see CLIENTS                     |                  |

Keys are P-256: making one takes a millisecond where RSA takes a tenth of a second.
"""

from __future__ import annotations

import base64
import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.cluster.native.addresses import (
    API_SERVICE_IP,
    API_URL,
    CLUSTER_DOMAIN,
    NODE_IP,
    NODE_NAME,
)

VALID_DAYS = 3650

CLIENTS: dict[str, tuple[str, str | None]] = {
    "admin": ("admin", "system:masters"),
    "kubelet-client": ("kube-apiserver-kubelet-client", "system:masters"),
    "kubelet": (f"system:node:{NODE_NAME}", "system:nodes"),
    "kube-controller-manager": ("system:kube-controller-manager", None),
    "kube-scheduler": ("system:kube-scheduler", None),
    "kube-proxy": ("system:kube-proxy", None),
    "coredns": ("slipway:dns", None),
    "provisioner": ("slipway:volume-provisioner", None),
    "kwok": ("slipway:kwok", "system:masters"),
}
"""Client certificate -> (user, group); the audit log tells the parts apart by these users."""

SERVERS: dict[str, tuple[str, ...]] = {
    "apiserver": (
        NODE_IP,
        "127.0.0.1",
        API_SERVICE_IP,
        "localhost",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        f"kubernetes.default.svc.{CLUSTER_DOMAIN}",
    ),
    "kubelet-server": (NODE_IP, "127.0.0.1", NODE_NAME, "localhost"),
}
"""Serving certificate -> the names and addresses it is good for."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A key that signs, with its own certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def write_all(folder: Path, now: datetime.datetime) -> None:
    """Fill `folder` with `NAME.crt`, `NAME.key` and `NAME.kubeconfig` files that belong together."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    authority = _authority(now)
    _write_pair(folder / "ca", authority.certificate, authority.key)
    _write_key(folder / "service-accounts.key", ec.generate_private_key(ec.SECP256R1()))
    for name, hosts in SERVERS.items():
        _issue(folder / name, authority, _server_request(name, hosts), now)
    for name, (user, group) in CLIENTS.items():
        _issue(folder / name, authority, _client_request(user, group), now)
        (folder / f"{name}.kubeconfig").write_text(_kubeconfig(folder, name))
        (folder / f"{name}.kubeconfig").chmod(0o600)


def write_server(folder: Path, name: str, hosts: tuple[str, ...], now: datetime.datetime) -> None:
    """Fill `folder` with the pair `NAME.crt`, `NAME.key` of a server outside of the cluster, and its own `ca.crt`."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = _authority(now)
    _write_pair(folder / "ca", authority.certificate, authority.key)
    _issue(folder / name, authority, _server_request(name, hosts), now)


def _kubeconfig(folder: Path, client: str) -> str:
    def inlined(file: str) -> str:
        return base64.b64encode((folder / file).read_bytes()).decode()

    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "slipway",
        "clusters": [
            {
                "name": "slipway",
                "cluster": {"server": API_URL, "certificate-authority-data": inlined("ca.crt")},
            }
        ],
        "users": [
            {
                "name": client,
                "user": {
                    "client-certificate-data": inlined(f"{client}.crt"),
                    "client-key-data": inlined(f"{client}.key"),
                },
            }
        ],
        "contexts": [{"name": "slipway", "context": {"cluster": "slipway", "user": client}}],
    }
    return yaml.safe_dump(document, sort_keys=False)


def _authority(now: datetime.datetime) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("slipway", None)
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _blank(name, name, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(key, certificate)


@dataclass(frozen=True, slots=True)
class _Request:
    subject: x509.Name
    usage: x509.ObjectIdentifier
    hosts: tuple[str, ...] = ()


def _server_request(name: str, hosts: tuple[str, ...]) -> _Request:
    return _Request(_name(name, None), ExtendedKeyUsageOID.SERVER_AUTH, hosts)


def _client_request(user: str, group: str | None) -> _Request:
    return _Request(_name(user, group), ExtendedKeyUsageOID.CLIENT_AUTH)


def _issue(stem: Path, authority: Authority, request: _Request, now: datetime.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate.subject
    builder = (
        _blank(request.subject, issuer, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([request.usage]), critical=False)
        # Python 3.13 and later refuse a chain whose leaf does not name its authority's key.
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )
    if request.hosts:
        names = [_general_name(host) for host in request.hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    _write_pair(stem, builder.sign(authority.key, hashes.SHA256()), key)


def _blank(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # A day earlier: the clock of a fresh virtual machine may yet jump backwards.
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=VALID_DAYS))
    )


def _name(user: str, group: str | None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group)] if group else []
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, user)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write_pair(stem: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    stem.with_suffix(".crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    _write_key(stem.with_suffix(".key"), key)


def _write_key(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            # The API server reads no elliptic service account key in the newer PKCS 8 wrapping.
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    file.chmod(0o600)
