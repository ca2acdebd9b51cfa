"""Settings: read once, understood or refused in one line; the zone comes from the site's own file."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError
from datetime import timedelta
from pathlib import Path

import pytest

from service.config import ScannerSettings, SettingsError, read_settings, read_zone

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


def test_nothing_set_gives_the_embedded_database_and_the_strictest_zone(tmp_path: Path) -> None:
    settings = read_settings({"CONGVAN_VAR_DIR": str(tmp_path)})
    assert settings.database_url is None
    assert settings.embedded_database_dir == tmp_path / "pg"
    assert settings.blob_dir == tmp_path / "blobs"
    assert settings.zone == "internet"
    assert settings.host == "127.0.0.1"
    assert settings.crash_point is None


def test_variables_are_read_in_their_units(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "CONGVAN_VAR_DIR": str(tmp_path),
            "CONGVAN_DATABASE_URL": "postgresql://db/congvan",
            "CONGVAN_PORT": "9000",
            "CONGVAN_UPLOAD_LIMIT_MB": "5",
            "CONGVAN_SESSION_HOURS": "2",
            "CONGVAN_SESSION_IDLE_MINUTES": "15",
        },
    )
    assert (settings.database_url, settings.port) == ("postgresql://db/congvan", 9000)
    assert settings.upload_limit_bytes == 5 * 1024 * 1024
    assert (settings.session_lifetime, settings.session_idle) == (timedelta(hours=2), timedelta(minutes=15))


def test_settings_cannot_change_after_the_start(tmp_path: Path) -> None:
    settings = read_settings({"CONGVAN_VAR_DIR": str(tmp_path)})
    with pytest.raises(FrozenInstanceError):
        settings.zone = "standalone"  # type: ignore[misc]


@pytest.mark.parametrize("value", ["http", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_none_is_refused_in_one_line(tmp_path: Path, value: str) -> None:
    with pytest.raises(SettingsError, match="CONGVAN_PORT") as refused:
        read_settings({"CONGVAN_VAR_DIR": str(tmp_path), "CONGVAN_PORT": value})
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("zone", ["internet", "wan", "standalone"])
def test_the_zone_comes_from_the_deployment_file(tmp_path: Path, zone: str) -> None:
    (tmp_path / "deployment.toml").write_text(f'[network]\nzone = "{zone}"\n')
    assert read_settings({"CONGVAN_VAR_DIR": str(tmp_path)}).zone == zone


def test_no_variable_names_the_zone(tmp_path: Path) -> None:
    environment = {"CONGVAN_VAR_DIR": str(tmp_path), "CONGVAN_ZONE": "standalone", "ZONE": "wan"}
    assert read_settings(environment).zone == "internet"


@pytest.mark.parametrize("text", ["", "[network]\n", "[other]\nzone = 'wan'\n"])
def test_a_file_that_says_nothing_about_the_zone_gives_the_strictest(tmp_path: Path, text: str) -> None:
    (tmp_path / "d.toml").write_text(text)
    assert read_zone(tmp_path / "d.toml") == "internet"


@pytest.mark.parametrize(
    "text", ["[network]\nzone = 'moon'\n", "network = 3\n", "not toml", "[network]\nzone = 1\n"]
)
def test_an_unclear_file_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "d.toml").write_text(text)
    with pytest.raises(SettingsError, match=r"d\.toml"):
        read_zone(tmp_path / "d.toml")


def test_an_unreadable_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_zone(tmp_path)


def test_every_variable_is_documented_and_no_other() -> None:
    class Noting(dict[str, str]):
        """Remembers which variables were asked for."""

        asked: set[str] = set()  # noqa: RUF012 - one instance, one test

        def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
            self.asked.add(key)
            return default

    environment = Noting()
    read_settings(environment)
    documented = set(re.findall(r"^\| `(CONGVAN_\w+)`", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
    assert environment.asked == documented


def test_a_cipher_solution_is_the_site_s_word_and_none_on_the_internet(tmp_path: Path) -> None:
    file = tmp_path / "deployment.toml"
    assert not read_settings({"CONGVAN_VAR_DIR": str(tmp_path)}).has_cipher
    file.write_text("[network]\nzone = 'wan'\n")
    assert not read_settings({"CONGVAN_VAR_DIR": str(tmp_path)}).has_cipher
    file.write_text("[network]\nzone = 'wan'\ncipher = true\n")
    assert read_settings({"CONGVAN_VAR_DIR": str(tmp_path)}).has_cipher
    for text in ("[network]\nzone = 'wan'\ncipher = 'yes'\n", "[network]\ncipher = true\n"):
        file.write_text(text)
        with pytest.raises(SettingsError):
            read_settings({"CONGVAN_VAR_DIR": str(tmp_path)})


def test_the_scanner_is_named_by_its_socket(tmp_path: Path) -> None:
    def named(text: str) -> ScannerSettings | None:
        return read_settings({"CONGVAN_VAR_DIR": str(tmp_path), "CONGVAN_CLAMD": text}).scanner

    assert named("") is None
    assert named("unix:/run/clamav/clamd.ctl") == ScannerSettings(path=Path("/run/clamav/clamd.ctl"))
    assert named("tcp:127.0.0.1:3310") == ScannerSettings(host="127.0.0.1", port=3310)
    assert named("tcp:[::1]:3310") == ScannerSettings(host="::1", port=3310)
    for wrong in ("clamd", "unix:clamd.ctl", "tcp:127.0.0.1", "tcp::3310", "tcp:host:99999", "udp:host:1"):
        with pytest.raises(SettingsError):
            named(wrong)
