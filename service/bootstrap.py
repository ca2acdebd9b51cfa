"""Wires a running house out of settings: the one place where parts meet; it knows no web framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from handlers.delivery.axis_wire import AxisWire
from handlers.delivery.delivery_channel import DeliveryChannel
from handlers.delivery.exchange_channel import ExchangeChannel
from handlers.delivery.folder_wire import FolderWire
from handlers.delivery.http_wire import PACKAGE_SECONDS, HttpWire
from handlers.delivery.mail_wire import MailWire
from handlers.delivery.peers import PeerRules
from handlers.delivery.wires import Wire
from handlers.identity.openid_provider import OpenIdProvider
from handlers.notices.channel import NoticeChannel
from handlers.notices.mail_channel import MailChannel
from handlers.notices.webhook_channel import WebhookChannel
from handlers.registry import by_operation
from handlers.resources import HandlerResources
from handlers.slips.follow_up import CHANNEL as SLIP_FOLLOW_UP
from service.actions.internal_wire import InternalWire
from service.actions.outbox import Channel
from service.actions.slip_follow_ups import FollowUpChannel
from service.config import Settings
from service.domain import crashpoints
from service.domain.clock import Clock, SystemClock
from service.domain.sealing import Sealer, make_key_file, read_sealer
from service.engine.deployment import DeploymentChecker
from service.engine.engine import ProcessEngine
from service.engine.functions import OfficeFunctions, function_names
from service.engine.resources import EngineResources
from service.engine.tickets import defer_job
from service.queries.document_access import sees
from service.storage import embedded, schema
from service.storage.blobs import BlobStore
from service.storage.database import Database, open_engine, runtime_conninfo

PROVIDER_CALLBACK: Final = "/api/v1/sessions/provider/callback"
"""Where a browser comes back from the provider; it is registered there."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a process works with.

    Attributes:
        settings: of this deployment.
        clock: the only source of time.
        conninfo: libpq connection string of the runtime role.
        database: units of work and sessions under the runtime role.
        blobs: the content-addressed files.
        engine: starts and steps processes.
        checker: what a bundle must pass before it is stored.
        channels: ways out of the house by outbox channel.
        sealer: seals secrets that rest in the database.
        provider: where people may log in instead of here; None = only here.
    """

    settings: Settings
    clock: Clock
    conninfo: str
    database: Database
    blobs: BlobStore
    engine: ProcessEngine
    checker: DeploymentChecker
    channels: Mapping[str, Channel]
    sealer: Sealer
    provider: OpenIdProvider | None = None

    def close(self) -> None:
        """Give back what the process holds."""
        self.database.close()


def owner_conninfo(settings: Settings) -> str:
    """Return the owner's connection string; the embedded server is started if it is the one meant.

    Raises:
        EmbeddedDatabaseError: it does not start.
    """
    return settings.database_url or embedded.ensure_running(settings.embedded_database_dir)


def prepare_database(settings: Settings, clock: Clock | None = None) -> list[str]:
    """Start the database where it is ours to start, and migrate it; return the revisions applied.

    Raises:
        EmbeddedDatabaseError: the embedded server does not start.
        SchemaError: the database cannot serve this release.
    """
    engine = open_engine(owner_conninfo(settings), pool_connections=1)
    try:
        return schema.migrate(engine, (clock or SystemClock()).now())
    finally:
        engine.dispose()


def build(settings: Settings, clock: Clock | None = None) -> Runtime:
    """Return a runtime on a prepared database.

    Raises:
        EmbeddedDatabaseError: the embedded server does not start.
        SchemaError: the database is not at this release's schema.
        SecretKeyError: the key that seals secrets cannot be used.
    """
    if settings.crash_point:
        crashpoints.arm(settings.crash_point)
    clock = clock or SystemClock()
    conninfo = runtime_conninfo(settings.runtime_database_url or owner_conninfo(settings))
    engine = open_engine(conninfo, settings.pool_connections)
    with engine.connect() as connection:
        schema.check_schema(connection)
    blobs = BlobStore(settings.blob_dir, settings.upload_limit_bytes, is_scanned=settings.scanner is not None)
    handlers = by_operation()
    resources = EngineResources(
        clock=clock,
        handlers=handlers,
        handler_resources=_handler_resources(settings, blobs),
        functions=OfficeFunctions,
        defer_job=defer_job,
    )
    database, process_engine, sealer = (
        Database(engine, clock),
        ProcessEngine(resources),
        open_sealer(settings),
    )
    return Runtime(
        settings=settings,
        clock=clock,
        conninfo=conninfo,
        database=database,
        blobs=blobs,
        engine=process_engine,
        checker=DeploymentChecker(handlers, function_names()),
        channels={
            **_channels(settings),
            **_exchange(settings, process_engine, database, sealer),
            SLIP_FOLLOW_UP: FollowUpChannel(database, process_engine),
        },
        sealer=sealer,
        provider=_provider(settings),
    )


def _handler_resources(settings: Settings, blobs: BlobStore) -> HandlerResources:
    return HandlerResources(
        blobs,
        settings.zone,
        has_cipher=settings.has_cipher,
        trust_dir=settings.signing_places.trust_dir,
        signing=settings.signing_places,
        sees=sees,
    )


def _provider(settings: Settings) -> OpenIdProvider | None:
    if settings.provider is None:
        return None
    return OpenIdProvider(settings.provider, settings.public_url.rstrip("/") + PROVIDER_CALLBACK)


def open_sealer(settings: Settings) -> Sealer:
    """Return the sealer of this deployment; its key is made if it is the one under ``var_dir``.

    Raises:
        SecretKeyError: the key cannot be used, or a file that the settings name is not there.
    """
    if settings.secret_key is None:
        make_key_file(settings.secret_key_file)
    return read_sealer(settings.secret_key_file)


def _exchange(
    settings: Settings, engine: ProcessEngine, database: Database, sealer: Sealer
) -> dict[str, Channel]:
    """Return the ways of documents and statuses to other offices."""
    rules = PeerRules(allows_private=settings.calls_private_networks)
    packages = replace(rules, total_seconds=PACKAGE_SECONDS)
    wires: dict[str, Wire] = {
        "internal": InternalWire(database, engine),
        "http": HttpWire(packages, sealer),
        "exchange": AxisWire(packages, sealer),
        "email": MailWire(settings.mail),
        "folder": FolderWire(settings.exchange_folder),
    }
    return {
        "exchange": ExchangeChannel(rules, wires, settings.signing_places),
        "delivery": DeliveryChannel(wires, engine.resources.handler_resources),
    }


def _channels(settings: Settings) -> dict[str, Channel]:
    rules = PeerRules(allows_private=settings.calls_private_networks)
    channels: dict[str, Channel] = {
        "notice": NoticeChannel(has_mail=settings.mail is not None, has_webhook=settings.webhook is not None),
    }
    if settings.mail is not None:
        channels["mail"] = MailChannel(settings.mail)
    if settings.webhook is not None:
        channels["webhook"] = WebhookChannel(rules, settings.webhook)
    return channels


def open_owner_database(settings: Settings, clock: Clock | None = None) -> Database:
    """Return units of work under the owner role: for installing, never for serving.

    Raises:
        EmbeddedDatabaseError: the embedded server does not start.
    """
    return Database(open_engine(owner_conninfo(settings), pool_connections=1), clock or SystemClock())
