"""The kubeconfig or the Pod's service account -> how to reach the API server, and as whom."""

import os
import ssl
from dataclasses import dataclass

from multidict import CIMultiDict

from controller.errors import Unavailable


@dataclass(frozen=True)
class Connection:
    """How to reach the API server and as whom."""

    server: str
    ca_path: str | None = None
    certificate_path: str | None = None
    key_path: str | None = None
    insecure: bool = False
    """Whether the server's certificate is not checked; only where the kubeconfig says so."""
    token: str | None = None
    token_path: str | None = None
    """A file whose token is read anew, as projected service account tokens expire."""
    username: str | None = None
    password: str | None = None
    impersonated_user: str | None = None
    """Whom the API server is asked to take us for; these credentials then need the right `impersonate`."""
    impersonated_groups: tuple[str, ...] = ()


def load_connection(context: str | None = None) -> Connection:
    """The connection of the Pod's service account, else of the kubeconfig; Unavailable where there is none."""
    from kubernetes import client, config

    configuration = client.Configuration()
    try:
        config.load_incluster_config(  # type: ignore[no-untyped-call]
            client_configuration=configuration
        )
        token_path: str | None = config.incluster_config.SERVICE_TOKEN_FILENAME
    except config.ConfigException:
        token_path = None
        try:
            # The library reads the variable when it is imported, which may be long before somebody sets it.
            config.load_kube_config(  # type: ignore[no-untyped-call]
                config_file=os.environ.get("KUBECONFIG") or None, context=context, client_configuration=configuration
            )
        except (config.ConfigException, OSError) as error:
            raise Unavailable(f"no cluster is configured: {error}") from error
    header = configuration.get_api_key_with_prefix("BearerToken", "authorization") or ""
    return Connection(
        server=configuration.host.rstrip("/"),
        ca_path=configuration.ssl_ca_cert,
        certificate_path=configuration.cert_file,
        key_path=configuration.key_file,
        insecure=not configuration.verify_ssl,
        token=header.removeprefix("Bearer ") or None,
        token_path=token_path,
        username=configuration.username or None,
        password=configuration.password or None,
    )


def ssl_context(connection: Connection) -> ssl.SSLContext | bool:
    """How the server's certificate is checked and ours is shown; True where there is no TLS."""
    if not connection.server.startswith("https"):
        return True
    context = ssl.create_default_context(cafile=connection.ca_path)
    if connection.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if connection.certificate_path:
        context.load_cert_chain(connection.certificate_path, connection.key_path)
    return context


def credentials(connection: Connection) -> CIMultiDict[str]:
    """The headers that say who asks; a token from a file is read anew each time."""
    token = connection.token
    if connection.token_path is not None:
        with open(connection.token_path) as file:
            token = file.read().strip()
    headers = CIMultiDict({"Authorization": f"Bearer {token}"} if token else {})
    if connection.impersonated_user is not None:
        headers.add("Impersonate-User", connection.impersonated_user)
        for group in connection.impersonated_groups:
            headers.add("Impersonate-Group", group)
    return headers
