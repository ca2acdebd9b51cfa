"""The processes that come with the house."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PROCESSES: Final = ROOT / "processes"
SHARED: Final = "shared"


def process_folders(processes: Path) -> list[Path]:
    """Return the folders of processes, one for each key; what they share is no process of its own."""
    if not processes.is_dir():
        return []
    folders = (folder for folder in sorted(processes.iterdir()) if folder.is_dir() and folder.name != SHARED)
    return [folder for folder in folders if any(folder.glob("*.bpmn"))]
