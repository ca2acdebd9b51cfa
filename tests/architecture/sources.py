"""The house's own source files, read once for the rules that tests hold them to."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE_FOLDERS = ("service", "handlers")


@dataclass(frozen=True)
class Definition:
    """A class or function: its kind, name, first line and length in lines."""

    kind: str
    name: str
    line: int
    lines: int


@dataclass
class Facts:
    """What the rules ask of a file; its syntax tree is not kept: a million nodes slow every later collection."""

    definitions: list[Definition] = field(default_factory=list)
    calls: list[tuple[str, int]] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    broad_catches: int = 0

    def note(self, node: ast.AST) -> None:
        """Note what a node of the tree says."""
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                kind = "class" if isinstance(node, ast.ClassDef) else "function"
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                self.definitions.append(Definition(kind, node.name, node.lineno, length))
            case ast.Call():
                self.calls.append((ast.unparse(node.func), node.lineno))
            case ast.Import():
                self.imports |= {alias.name.split(".")[0] for alias in node.names}
            case ast.ImportFrom(level=0, module=str() as module):
                self.imports.add(module.split(".")[0])
            case ast.ExceptHandler():
                self.broad_catches += _is_broad(node)


def _is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = {ast.unparse(part) for part in ast.walk(handler.type) if isinstance(part, ast.Name)}
    if "BaseException" in names:  # allowed where it is raised on: to roll back, to close
        return not any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler))
    return "Exception" in names


@dataclass(frozen=True)
class Source:
    """One Python file; ``name`` is its path from the root."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def facts(self) -> Facts:
        found = Facts()
        for node in ast.walk(ast.parse(self.text)):
            found.note(node)
        return found


def sources(*folders: str) -> list[Source]:
    """Return the Python files below the folders, generated and cached ones left out."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [_source(path) for path in found if "__pycache__" not in path.parts]


@cache
def _source(path: Path) -> Source:
    return Source(path)


def tracked_files() -> list[Path]:
    """Return the files of the repository, as git lists them."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]
