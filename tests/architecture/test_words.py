"""The project speaks of itself: its pages are true, and nothing else is told."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.architecture.sources import ROOT, tracked_files

READMES = ("README.md", "README.vi.md")
MACHINE_PATHS = re.compile(r"(?<![\w./-])/(?:home|Users|root|mnt)/\w")
"""A path of one person's machine: true nowhere else."""
TEXT_SUFFIXES = {
    "",
    ".py",
    ".md",
    ".toml",
    ".sh",
    ".sql",
    ".html",
    ".css",
    ".js",
    ".json",
    ".bpmn",
    ".dmn",
    ".csv",
    ".lock",
}


@pytest.mark.parametrize("name", READMES)
def test_every_command_of_the_readme_exists(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    scripts = set(re.findall(r"\bscripts/([a-z_]+)", text))
    assert scripts >= {"run", "test", "demo"}
    for script in scripts:
        path = ROOT / "scripts" / script
        assert path.is_file(), script
        assert path.stat().st_mode & 0o111, f"scripts/{script} cannot be executed"


@pytest.mark.parametrize("name", READMES)
def test_every_place_that_the_readme_links_to_exists(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


@pytest.mark.parametrize("name", READMES)
def test_every_setting_of_the_readme_is_read(name):
    settings = (ROOT / "service" / "config.py").read_text(encoding="utf-8")
    for setting in set(re.findall(r"CONGVAN_[A-Z_]+", (ROOT / name).read_text(encoding="utf-8"))):
        assert f'"{setting}"' in settings, setting


def test_every_congvan_command_of_the_readme_exists():
    from service.cli import main

    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in READMES)
    commands = set(re.findall(r"`congvan ([a-z]+)", text)) - {"help"}
    assert commands
    assert commands <= set(main.commands)


def test_the_scripts_are_what_they_say_they_are():
    for script in sorted((ROOT / "scripts").iterdir()):
        if script.is_file():
            head = script.read_text(encoding="utf-8").split("\n", 3)
            assert head[0].startswith("#!"), script.name
            assert head[1].startswith(("# ", '"""')), f"scripts/{script.name} does not say what it does"


def test_the_shell_scripts_parse():
    for script in [*sorted((ROOT / "scripts").iterdir()), ROOT / ".ci" / "run"]:
        if script.is_file() and "bash" in script.read_text(encoding="utf-8").split("\n", 1)[0]:
            subprocess.run(["bash", "-n", str(script)], check=True)


def test_nothing_is_told_but_the_project():
    found = []
    for path in tracked_files():
        if path.suffix in TEXT_SUFFIXES and path != ROOT / "tests" / "architecture" / "test_words.py":
            text = path.read_text(encoding="utf-8", errors="ignore")
            found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in MACHINE_PATHS.finditer(text)]
    assert found == []


def test_every_python_module_says_why_it_is_there():
    import ast

    silent = [
        path.relative_to(ROOT).as_posix()
        for path in tracked_files()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in {"service", "handlers"}
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []
