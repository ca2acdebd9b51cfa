"""Settings: read once from the environment when a process starts, frozen afterwards.

Everything else receives a :class:`Settings`; nothing else reads the environment. The network zone does not
come from the environment but from the deployment's settings file, because it is a decision of the site and
not of whoever starts a process (the rules on state secrets): a missing file means the strictest zone.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from service.domain.signing_places import SigningPlaces

NetworkZone = Literal["internet", "wan", "standalone"]
"""Where this deployment stands: the open Internet, the wide-area network of the Party, or no network."""

STRICTEST_ZONE: Final[NetworkZone] = "internet"

_MEGABYTE: Final = 1024 * 1024
_LAST_PORT: Final = 65535


class SettingsError(ValueError):
    """A setting that cannot be used; its text is one line for the operator."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server that notices go through.

    Attributes:
        host: its name.
        port: its TCP port.
        sender: the address in From.
        uses_starttls: whether the connection must be encrypted; without it nothing is sent in clear.
        user: for logging in; "" = without.
        password: of that user.
        domains: mail goes to addresses in these domains only; empty = to all.
        public_url: what a mail tells people to open; "" = nothing.
    """

    host: str
    port: int
    sender: str
    uses_starttls: bool = True
    user: str = ""
    password: str = field(default="", repr=False)
    domains: tuple[str, ...] = ()
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """The program that is told of every notice; with a secret the messages are signed."""

    address: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ScannerSettings:
    """Where the malware scanner's daemon (clamd) listens: a socket of this machine, or a host and port."""

    path: Path | None = None
    host: str = ""
    port: int = 0


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """The one provider where people may log in instead of here (OpenID Connect).

    Attributes:
        issuer: its issuer identifier, an https address.
        client_id: of this house there.
        agency: code of the agency whose people may log in so.
        client_secret: of the client; "" = a public client.
        login_claim: the claim that holds a person's login here; "" = people link their accounts themselves.
        name: what people call the provider.
    """

    issuer: str
    client_id: str
    agency: str
    client_secret: str = field(default="", repr=False)
    login_claim: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What one deployment decides.

    Attributes:
        database_url: a libpq connection string of the owner role, or None for the embedded PostgreSQL.
        runtime_database_url: the same database under a login that is only a member of ``congvan_app``;
            None = the owner's login, with its rights given up for each connection.
        var_dir: where the embedded database, files and logs live, absolute.
        blob_dir: where the content-addressed files live, absolute.
        host: address that the web process listens on.
        port: TCP port that the web process listens on.
        public_url: the address that people type; "" = taken from host and port.
        web_processes: gunicorn workers.
        pool_connections: database connections kept by one process.
        upload_limit_bytes: the largest file that is taken.
        session_lifetime: the longest that a login lasts.
        session_idle: a login ends after so long without a request.
        trusted_proxies: how many reverse proxies in front may name the client's address.
        zone: the network zone, from the deployment's settings file.
        crash_point: where this process kills itself, for tests of what survives; None in service.
        calls_private_networks: whether partners and other programs may be called on loopback and private
            ranges; link-local and metadata addresses never are.
        mail: the mail server for notices; None = no mail.
        webhook: the program told of notices; None = none.
        exchange_folder: where packages for offices with a shared folder are dropped; None = nowhere.
        signing: keys and services of signing; see :attr:`signing_places`.
        secret_key: the file of the key that seals secrets in the database; None = ``secret.key`` in
            ``var_dir``, made when the house is first wired.
        provider: where people may log in instead of here; None = only here.
        has_cipher: whether the site has a solution of the cipher branch, from the deployment's settings file.
        scanner: the malware scanner; None = nothing is scanned, and the health page says so.
    """

    database_url: str | None
    runtime_database_url: str | None
    var_dir: Path
    blob_dir: Path
    host: str
    port: int
    public_url: str
    web_processes: int
    pool_connections: int
    upload_limit_bytes: int
    session_lifetime: timedelta
    session_idle: timedelta
    trusted_proxies: int
    zone: NetworkZone
    crash_point: str | None = None
    calls_private_networks: bool = False
    mail: MailSettings | None = None
    webhook: WebhookSettings | None = None
    exchange_folder: Path | None = None
    signing: SigningPlaces = field(default_factory=SigningPlaces)
    secret_key: Path | None = None
    provider: ProviderSettings | None = None
    has_cipher: bool = False
    scanner: ScannerSettings | None = None

    @property
    def embedded_database_dir(self) -> Path:
        """The data directory of the embedded PostgreSQL."""
        return self.var_dir / "pg"

    @property
    def secret_key_file(self) -> Path:
        """The file of the key that seals secrets."""
        return self.secret_key or self.var_dir / "secret.key"

    @property
    def signing_places(self) -> SigningPlaces:
        """Where signing finds what it needs; keys and trust lie under ``var_dir`` unless told otherwise."""
        return replace(
            self.signing,
            key_dir=self.signing.key_dir or self.var_dir / "keys",
            trust_dir=self.signing.trust_dir or self.var_dir / "trust",
        )


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process.

    Args:
        environment: variables by name; None = the environment of the process.

    Raises:
        SettingsError: a variable or the deployment file cannot be understood.
    """
    variables = os.environ if environment is None else environment  # noqa: TID251 - read here, once
    var_dir = Path(variables.get("CONGVAN_VAR_DIR") or "var").absolute()
    deployment_file = Path(variables.get("CONGVAN_DEPLOYMENT_FILE") or var_dir / "deployment.toml")
    return Settings(
        database_url=variables.get("CONGVAN_DATABASE_URL") or None,
        runtime_database_url=variables.get("CONGVAN_RUNTIME_DATABASE_URL") or None,
        var_dir=var_dir,
        blob_dir=Path(variables.get("CONGVAN_BLOB_DIR") or var_dir / "blobs").absolute(),
        host=variables.get("CONGVAN_HOST") or "127.0.0.1",
        port=_whole(variables, "CONGVAN_PORT", 8080, 1, 65535),
        public_url=variables.get("CONGVAN_PUBLIC_URL") or "",
        web_processes=_whole(variables, "CONGVAN_WEB_PROCESSES", 2, 1, 64),
        pool_connections=_whole(variables, "CONGVAN_POOL_CONNECTIONS", 10, 1, 200),
        upload_limit_bytes=_whole(variables, "CONGVAN_UPLOAD_LIMIT_MB", 100, 1, 4096) * _MEGABYTE,
        session_lifetime=timedelta(hours=_whole(variables, "CONGVAN_SESSION_HOURS", 12, 1, 720)),
        session_idle=timedelta(minutes=_whole(variables, "CONGVAN_SESSION_IDLE_MINUTES", 60, 1, 43200)),
        trusted_proxies=_whole(variables, "CONGVAN_TRUSTED_PROXIES", 0, 0, 5),
        zone=read_zone(deployment_file),
        crash_point=variables.get("CONGVAN_CRASH_POINT") or None,
        calls_private_networks=_whole(variables, "CONGVAN_CALL_PRIVATE_NETWORKS", 0, 0, 1) == 1,
        mail=_mail(variables),
        webhook=_webhook(variables),
        exchange_folder=_path(variables, "CONGVAN_EXCHANGE_FOLDER"),
        signing=_signing(variables),
        secret_key=_path(variables, "CONGVAN_SECRET_KEY_FILE"),
        provider=_provider(variables),
        has_cipher=read_cipher(deployment_file),
        scanner=_scanner(variables.get("CONGVAN_CLAMD") or ""),
    )


def _mail(variables: Mapping[str, str]) -> MailSettings | None:
    host, sender = variables.get("CONGVAN_SMTP_HOST"), variables.get("CONGVAN_SMTP_FROM") or ""
    domains = (variables.get("CONGVAN_SMTP_DOMAINS") or "").lower().replace(",", " ").split()
    mail = MailSettings(
        host=host or "",
        port=_whole(variables, "CONGVAN_SMTP_PORT", 25, 1, 65535),
        sender=sender,
        uses_starttls=_whole(variables, "CONGVAN_SMTP_STARTTLS", 1, 0, 1) == 1,
        user=variables.get("CONGVAN_SMTP_USER") or "",
        password=_secret(variables, "CONGVAN_SMTP_PASSWORD_FILE"),
        domains=tuple(domains),
        public_url=variables.get("CONGVAN_PUBLIC_URL") or "",
    )
    if host and "@" not in sender:
        raise SettingsError("CONGVAN_SMTP_FROM must be a mail address when CONGVAN_SMTP_HOST is set")
    return mail if host else None


def _webhook(variables: Mapping[str, str]) -> WebhookSettings | None:
    address = variables.get("CONGVAN_NOTICE_WEBHOOK_URL")
    secret = _secret(variables, "CONGVAN_NOTICE_WEBHOOK_SECRET_FILE")
    return WebhookSettings(address, secret) if address else None


def _provider(variables: Mapping[str, str]) -> ProviderSettings | None:
    issuer = _web_address("CONGVAN_OIDC_ISSUER", variables.get("CONGVAN_OIDC_ISSUER") or "")
    provider = ProviderSettings(
        issuer=issuer,
        client_id=variables.get("CONGVAN_OIDC_CLIENT_ID") or "",
        agency=variables.get("CONGVAN_OIDC_AGENCY") or "",
        client_secret=_secret(variables, "CONGVAN_OIDC_CLIENT_SECRET_FILE"),
        login_claim=variables.get("CONGVAN_OIDC_LOGIN_CLAIM") or "",
        name=variables.get("CONGVAN_OIDC_NAME") or "",
    )
    needed = (provider.client_id, provider.agency, variables.get("CONGVAN_PUBLIC_URL"))
    if issuer and not all(needed):
        raise SettingsError(
            "CONGVAN_OIDC_ISSUER needs CONGVAN_OIDC_CLIENT_ID, CONGVAN_OIDC_AGENCY and CONGVAN_PUBLIC_URL"
        )
    if "mail" in provider.login_claim:
        raise SettingsError("CONGVAN_OIDC_LOGIN_CLAIM must not be a mail address: those change their owners")
    return provider if issuer else None


def _path(variables: Mapping[str, str], name: str) -> Path | None:
    path = variables.get(name)
    return Path(path).absolute() if path else None


def _signing(variables: Mapping[str, str]) -> SigningPlaces:
    key_dir, module = variables.get("CONGVAN_KEY_DIR"), variables.get("CONGVAN_PKCS11_MODULE")
    return SigningPlaces(
        key_dir=Path(key_dir).absolute() if key_dir else None,
        timestamp_url=_web_address("CONGVAN_TSA_URL", variables.get("CONGVAN_TSA_URL") or ""),
        device_module=Path(module).absolute() if module else None,
        remote_url=_web_address("CONGVAN_CSC_URL", variables.get("CONGVAN_CSC_URL") or "").rstrip("/"),
        revocation_urls=tuple(
            _web_address("CONGVAN_CRL_URLS", one)
            for one in (variables.get("CONGVAN_CRL_URLS") or "").replace(",", " ").split()
        ),
    )


def _web_address(name: str, url: str) -> str:
    if url and not url.startswith(("http://", "https://")):
        raise SettingsError(f"{name}: {url} is no http or https address")
    return url


def _secret(variables: Mapping[str, str], name: str) -> str:
    """Return the text of the file that a variable names; "" without one."""
    path = variables.get(name)
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}: {path} cannot be read") from error


def read_zone(deployment_file: Path) -> NetworkZone:
    """Return the zone that the deployment's settings file names (``[network] zone = "…"``).

    A missing file gives the strictest zone; an unreadable or unclear one stops the start.

    Raises:
        SettingsError: the file is no TOML, or names no known zone.
    """
    zone = _network(deployment_file).get("zone", STRICTEST_ZONE)
    if zone not in get_args(NetworkZone):
        raise SettingsError(f"{deployment_file}: [network] zone must be one of {get_args(NetworkZone)}")
    return cast("NetworkZone", zone)


def read_cipher(deployment_file: Path) -> bool:
    """Return whether the site has a solution of the cipher branch (``[network] cipher = true``; S0-4.5).

    Raises:
        SettingsError: the file is no TOML, or says neither true nor false; or it claims one on the Internet,
            where no state secret may be at all.
    """
    network = _network(deployment_file)
    has_cipher = network.get("cipher", False)
    if not isinstance(has_cipher, bool):
        raise SettingsError(f"{deployment_file}: [network] cipher must be true or false")
    if has_cipher and network.get("zone", STRICTEST_ZONE) == "internet":
        raise SettingsError(f"{deployment_file}: [network] cipher = true needs another zone than internet")
    return has_cipher


def _network(deployment_file: Path) -> Mapping[str, Any]:
    """Return what the file says of the network; nothing if there is no file."""
    try:
        text = deployment_file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{deployment_file}: cannot be read: {error}") from error
    try:
        network = tomllib.loads(text).get("network", {})
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{deployment_file}: {error}") from error
    if not isinstance(network, dict):
        raise SettingsError(f"{deployment_file}: [network] must be a table")
    return network


def _scanner(text: str) -> ScannerSettings | None:
    """Return what ``CONGVAN_CLAMD`` names: ``unix:/path/of/socket`` or ``tcp:host:port``."""
    kind, _, place = text.partition(":")
    if not text:
        return None
    if kind == "unix" and place.startswith("/"):
        return ScannerSettings(path=Path(place))
    host, _, port = place.rpartition(":")
    if kind == "tcp" and host and port.isascii() and port.isdigit() and 0 < int(port) <= _LAST_PORT:
        return ScannerSettings(host=host.strip("[]"), port=int(port))
    raise SettingsError("CONGVAN_CLAMD must be unix:/path/of/socket or tcp:host:port")


def _whole(variables: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = variables.get(name) or str(default)
    try:
        value = int(text)
    except ValueError:
        raise SettingsError(f"{name} must be a whole number, not {text!r}") from None
    if not low <= value <= high:
        raise SettingsError(f"{name} must lie between {low} and {high}, not {value}")
    return value
