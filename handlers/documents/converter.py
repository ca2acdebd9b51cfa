"""Starts LibreOffice on one file with limits on time and memory; runs in a process of its own.

Arguments: the program, the folder of a profile of its own (two runs with one profile disturb each other), the
folder for the PDF, the file, seconds, bytes. The limits hold for LibreOffice, which takes this process over.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

_PDF_A = 'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"}}'
_LARGEST_PDF_BYTES = 200 * 1024**2


def main() -> None:
    """Become LibreOffice."""
    program, profile, folder, file, seconds, memory = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_PDF_BYTES, _LARGEST_PDF_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    options = ["--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"]
    command = [program, f"-env:UserInstallation={Path(profile).as_uri()}", *options]
    command += ["--convert-to", _PDF_A, "--outdir", folder, file]
    os.execv(program, command)  # noqa: S606 - a program of the machine, found by its administrator's path


if __name__ == "__main__":
    main()
