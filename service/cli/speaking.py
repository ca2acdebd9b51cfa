"""How the command speaks: one clear line for what went wrong, an exit status, never a traceback of ours.

Exit status: 0 done, 1 refused or not possible, 2 wrong use (click's).
"""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy.exc import InterfaceError, OperationalError

from service.config import SettingsError
from service.domain.errors import CongVanError, Finding
from service.domain.sealing import SecretKeyError
from service.storage.embedded import EmbeddedDatabaseError
from service.storage.schema import SchemaError


class HouseGroup(click.Group):
    """The group of all commands; it turns our errors into lines on standard error."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command.

        Raises:
            ClickException: with what went wrong.
        """
        try:
            return super().invoke(ctx)
        except CongVanError as error:
            raise click.ClickException(text_of(error)) from error
        except (SettingsError, SecretKeyError, EmbeddedDatabaseError, SchemaError) as error:
            raise click.ClickException(str(error)) from error
        except (OperationalError, InterfaceError) as error:
            reason = str(error.orig).splitlines()[0] if error.orig else "no answer"
            raise click.ClickException(f"the database cannot be reached: {reason}") from error


def text_of(error: CongVanError) -> str:
    """Return an error as text: both languages, then a line for each finding."""
    lines = [f"{error.vi} / {error.en} [{error.code}]", *map(finding_line, error.findings)]
    return "\n".join(lines)


def finding_line(finding: Finding) -> str:
    """Return a finding as ``file:line element: what is wrong``."""
    place = ":".join(str(part) for part in (finding.file, finding.line, finding.column) if part is not None)
    where = " ".join(part for part in (place, finding.element, finding.pointer) if part)
    return f"  {where + ': ' if where else ''}{finding.vi} / {finding.en}"
