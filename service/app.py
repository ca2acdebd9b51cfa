"""The web application: Flask over one runtime, every route behind the gate."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.metadata import version
from typing import Any, cast

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from service.api import openapi, reference
from service.api.routes import ACCESS, PLAIN, RESOURCES
from service.bootstrap import Runtime
from service.http.access import check_complete
from service.http.context import EXTENSION
from service.http.gate import ACCESS_EXTENSION, pass_gate
from service.http.headers import register_headers
from service.http.journal import register_journal
from service.http.json_text import JsonText
from service.http.problems import register_problems
from service.storage.models import Base


class Application(Flask):
    """Flask whose every request passes :func:`service.http.gate.pass_gate`."""

    json_provider_class = JsonText

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer the request inside its unit of work."""
        return pass_gate(super().dispatch_request)


class Sessions(SQLAlchemy):
    """Flask-SQLAlchemy on the runtime's own engine: one pool, one session for each request."""

    def __init__(self, engine: Engine) -> None:
        self._house_engine = engine
        super().__init__(metadata=Base.metadata, session_options={"expire_on_commit": False})

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        """Give the engine that already exists."""
        del bind_key, options, app
        return self._house_engine


def create_app(runtime: Runtime) -> Application:
    """Return the application of a runtime; nothing is shared between two applications."""
    app = Application("service", static_folder=None)
    app.config.update(SQLALCHEMY_DATABASE_URI="postgresql+psycopg://", MAX_FORM_PARTS=200)
    Sessions(runtime.database.engine).init_app(app)
    answer_for(app, runtime)
    register_journal(app)
    register_problems(app)
    register_headers(app)
    _register_api(app)
    app.extensions[ACCESS_EXTENSION] = ACCESS
    check_complete(app, ACCESS)
    if runtime.settings.trusted_proxies:
        hops = runtime.settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def answer_for(app: Flask, runtime: Runtime) -> None:
    """Let an application answer for a runtime, whose units of work then open the request's session.

    The runtime's database must be the one that the application was made with.
    """
    sessions: SQLAlchemy = app.extensions["sqlalchemy"]

    def open_session() -> Session:
        return cast("Session", sessions.session())

    app.extensions[EXTENSION] = replace(runtime, database=runtime.database.with_sessions(open_session))


def _register_api(app: Flask) -> None:
    openapi.configure(app, version("congvan"))
    api = openapi.HouseApi(app)
    for resource in RESOURCES:
        api.register_blueprint(resource)
    for blueprint in PLAIN:
        app.register_blueprint(blueprint)
    app.extensions[reference.EXTENSION] = openapi.Document(api, _accesses(app))


def _accesses(app: Flask) -> dict[tuple[str, str], Any]:
    """Return (method, OpenAPI path) → access, for the document."""
    return {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)): ACCESS[rule.endpoint]
        for rule in app.url_map.iter_rules()
        if rule.endpoint in ACCESS
        for method in rule.methods or ()
    }
