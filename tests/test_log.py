"""Events on standard error: lines for people, JSON for machines, secrets for nobody."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from feeds.log import hide_secrets, open_log, without_secrets
from feeds.systemd import notify


def test_json_is_one_object_a_line_with_chinese_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    open_log(as_json=True, verbosity=0).info("poll", source="机器之心", new=3)
    (line,) = capsys.readouterr().err.splitlines()
    event = json.loads(line)
    assert (event["event"], event["level"], event["source"], event["new"]) == ("poll", "info", "机器之心", 3)
    assert "机器之心" in line
    assert event["timestamp"].endswith("Z")


def test_people_read_key_and_value(capsys: pytest.CaptureFixture[str]) -> None:
    open_log(as_json=False, verbosity=0).warning("poll", source="机器之心")
    line = capsys.readouterr().err
    assert line.startswith("timestamp=")
    assert "level=warning event=poll source=机器之心" in line.replace("'", "")


def test_quiet_says_problems_only(capsys: pytest.CaptureFixture[str]) -> None:
    log = open_log(as_json=True, verbosity=-1)
    log.info("poll")
    log.error("failed")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["failed"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:pass@a.example/feed", "https://***@a.example/feed"),
        ("https://a.example/feed?token=abc&page=2", "https://a.example/feed?token=***&page=2"),
        ("https://a.example/feed?page=2&api_key=abc", "https://a.example/feed?page=2&api_key=***"),
        (
            "cannot reach https://u:p@a.example/ (see https://b.example/)",
            "cannot reach https://***@a.example/ (see https://b.example/)",
        ),
        ("https://a.example/feed?monkey=1", "https://a.example/feed?monkey=1"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_addresses_lose_their_secrets(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


def test_fields_that_are_named_like_secrets_are_hidden() -> None:
    event = {"event": "x", "password": "p", "headers": {"Authorization": "Bearer t"}, "api_token": 7, "keys": 3}
    assert hide_secrets(None, "info", event) == {
        "event": "x",
        "password": "***",
        "headers": "***",
        "api_token": "***",
        "keys": 3,
    }


def test_systemd_hears_how_we_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(address))
        monkeypatch.setenv("NOTIFY_SOCKET", str(address))
        notify("READY=1")
        assert server.recv(100) == b"READY=1"
        notify("RELOADING=1")
        assert server.recv(100).startswith(b"RELOADING=1\nMONOTONIC_USEC=")


def test_without_systemd_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    notify("READY=1")
