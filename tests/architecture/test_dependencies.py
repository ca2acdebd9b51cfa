"""What is imported is declared and pinned, and the lock files are what the declaration says."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.architecture.sources import CODE_FOLDERS, ROOT, sources

OURS = {"service", "handlers"}


def _declared() -> dict[str, str]:
    """Return the direct requirements: canonical name to pinned version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = {}
    for requirement in project["dependencies"]:
        name, version = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", requirement).groups()
        pinned[_canonical(name)] = version
    return pinned


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _imported() -> set[str]:
    """Return the top-level packages that the code imports."""
    found = set().union(*(source.facts.imports for source in sources(*CODE_FOLDERS)))
    return found - OURS - set(sys.stdlib_module_names)


def test_every_imported_package_is_declared():
    declared, distributions = _declared(), packages_distributions()
    undeclared = {
        package
        for package in _imported()
        if not {_canonical(name) for name in distributions.get(package, ())} & declared.keys()
    }
    assert undeclared == set()


def test_the_lock_files_hold_what_is_declared_with_hashes():
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        locked = {
            _canonical(name): version
            for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+) \\$", text, re.MULTILINE)
        }
        missing = {name: version for name, version in _declared().items() if locked.get(name) != version}
        assert missing == {}, f"{lock} is older than pyproject.toml: run scripts/lock"
        assert text.count("==") <= text.count("--hash=sha256:")
