"""Tells a process while people work on it over HTTP: each step with the clause behind it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from client import Person
from factors import Factors

PATIENCE_SECONDS = 60
MARKS = {"completed": "✔", "cancelled": "✘", "failed": "!"}
SHAPES = {"Gateway": "◇", "Event": "○"}


@dataclass
class Office:
    """The people of a demonstration office, signed in when they first act."""

    address: str
    password: str
    factors: Factors
    _people: dict[str, Person] = field(default_factory=dict)

    def person(self, login: str) -> Person:
        """Return the person behind a login."""
        if login not in self._people:
            self._people[login] = Person.sign_in(self.address, login, self.password, self.factors)
        return self._people[login]


@dataclass
class Story:
    """One instance of a process, followed from its start.

    Attributes:
        office: who acts.
        instance_id: the instance.
        watcher: login of someone who may see all of it.
    """

    office: Office
    instance_id: str
    watcher: str
    _seen: int = -1

    def task(self, login: str, element_id: str) -> dict[str, Any]:
        """Return the open task of an element as the person sees it; wait for it while the worker works."""
        person = self.office.person(login)

        def find() -> dict[str, Any] | None:
            items = person.get(f"/api/v1/tasks?instance_id={self.instance_id}")["items"]
            return next((item for item in items if item["element_id"] == element_id), None)

        return wait_for(find, f"{login} has no task {element_id}")

    def complete(
        self,
        login: str,
        element_id: str,
        data: dict[str, Any],
        *,
        on_behalf_of: str | None = None,
    ) -> None:
        """Let a person complete a task, and tell what follows."""
        task = self.task(login, element_id)
        body: dict[str, Any] = {"data": data}
        if on_behalf_of:
            body["on_behalf_of"] = on_behalf_of
        self.office.person(login).post(f"/api/v1/tasks/{task['id']}/complete", body)
        self.tell()

    def tell(self) -> None:
        """Print what has happened since the last time."""
        for entry in self._timeline():
            if entry["rev"] > self._seen:
                print_entry(entry)
                self._seen = entry["rev"]

    def tell_until(self, element_id: str) -> None:
        """Tell until a step of the element has happened."""

        def happened() -> bool:
            return any(
                step["element_id"] == element_id for entry in self._timeline() for step in entry["steps"]
            )

        wait_for(happened, f"nothing happened at {element_id}")
        self.tell()

    def _timeline(self) -> list[dict[str, Any]]:
        watcher, path = (
            self.office.person(self.watcher),
            f"/api/v1/instances/{self.instance_id}/timeline?limit=200",
        )
        page = watcher.get(path)
        entries = list(page["items"])
        while page["next_cursor"]:
            page = watcher.get(f"{path}&cursor={page['next_cursor']}")
            entries += page["items"]
        return entries

    def state(self) -> str:
        """Return the state of the instance."""
        detail = self.office.person(self.watcher).get(f"/api/v1/instances/{self.instance_id}")
        return str(detail["view"]["state"])


def print_entry(entry: dict[str, Any]) -> None:
    """Print one change: who, and the steps that were done, each with its clauses."""
    who = entry["actor_name"] or "Hệ thống"
    if entry["on_behalf_of_name"]:
        who = f"{who}, thay mặt {entry['on_behalf_of_name']}"
    done = [
        step
        for step in entry["steps"]
        if step["kind"] in {"completed", "cancelled", "failed"} and step["name"]
    ]
    for step in done:
        clauses = f"  [{' '.join(step['clauses'])}]" if step["clauses"] else ""
        print(f"  {mark_of(step)} {step['name']}{clauses}")
    if done:
        print(f"      {entry['at'][:19].replace('T', ' ')}  {who}")


def mark_of(step: dict[str, Any]) -> str:
    """Return the sign of a step: what it is, or how it ended."""
    shape = next((sign for ending, sign in SHAPES.items() if step["element_type"].endswith(ending)), None)
    return shape if shape and step["kind"] == "completed" else MARKS[step["kind"]]


def wait_for(find: Callable[[], Any], complaint: str, patience: int = PATIENCE_SECONDS) -> Any:
    """Return what ``find`` gives once it gives something.

    Raises:
        SystemExit: it gave nothing for a long time.
    """
    deadline = time.monotonic() + patience
    while not (found := find()):
        if time.monotonic() > deadline:
            raise SystemExit(f"scripts/demo: {complaint} (is the worker running?)")
        time.sleep(0.2)
    return found


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}\n{'─' * len(text)}")
