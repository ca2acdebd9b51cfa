"""The layers of the architecture hold: import-linter's contracts, run as a test."""

from __future__ import annotations

import subprocess
import sys

from tests.architecture.sources import ROOT, sources


def test_the_import_contracts_hold():
    command = (
        "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    )
    result = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


def test_a_library_is_imported_only_where_it_belongs():
    homes = {
        "SpiffWorkflow": ("service/engine/",),
        "pyhanko": ("handlers/signing/",),
        "flask": ("service/api/", "service/web/", "service/http/", "service/app.py", "service/cli/"),
        "apscheduler": ("service/worker/",),
        "procrastinate": ("service/storage/", "service/worker/"),
        "gunicorn": (),
    }
    found = []
    for source in sources("service", "handlers"):
        for line in source.text.splitlines():
            words = line.split()
            if len(words) > 1 and words[0] in {"import", "from"}:
                library = words[1].split(".")[0]
                if library in homes and not source.name.startswith(homes[library]):
                    found.append(f"{source.name}: {line.strip()}")
    assert found == []
