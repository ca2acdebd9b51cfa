"""A proxy before PostgreSQL's socket that can lose connections at chosen moments."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path

SOCKET_NAME = ".s.PGSQL.5432"
_CHUNK = 65536


class DatabaseProxy:
    """Listens as a PostgreSQL socket in ``directory`` and passes everything to the server in ``target``.

    Args:
        directory: where clients find the socket; give it as ``host`` of the connection string.
        target: the data directory of the embedded server.
    """

    def __init__(self, directory: Path, target: Path) -> None:
        self._target = str(target / SOCKET_NAME)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(directory / SOCKET_NAME))
        self._listener.listen(64)
        self._cut_next_commit = threading.Event()
        self.cut_happened = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after_next_commit(self) -> None:
        """Let the next COMMIT reach the server and take effect, and lose its answer."""
        self.cut_happened.clear()
        self._cut_next_commit.set()

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                server.connect(self._target)
            except OSError:
                client.close()
                continue
            threading.Thread(target=self._pump_to_server, args=(client, server), daemon=True).start()

    def _pump_to_server(self, client: socket.socket, server: socket.socket) -> None:
        muted = threading.Event()
        back = threading.Thread(target=_pump, args=(server, client, muted), daemon=True)
        back.start()
        try:
            while chunk := client.recv(_CHUNK):
                if b"COMMIT" in chunk and self._cut_next_commit.is_set():
                    self._cut_next_commit.clear()
                    muted.set()
                    server.sendall(chunk)
                    back.join(10)  # the server has answered, and nobody hears it
                    self.cut_happened.set()
                    return
                server.sendall(chunk)
        except OSError:
            return
        finally:
            _close(client)
            _close(server)


def _pump(source: socket.socket, sink: socket.socket, muted: threading.Event) -> None:
    try:
        while chunk := source.recv(_CHUNK):
            if muted.is_set():
                return
            sink.sendall(chunk)
    except OSError:
        return
    finally:
        if not muted.is_set():
            _close(sink)


def _close(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
