"""The documents keep up with the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from feeds import errors
from feeds.cli import app
from feeds.config.listing import settings_markdown
from feeds.sites.obeyed import GENERATORS, obeyed_markdown

ROOT = Path(__file__).parents[1]


def _text(name: str) -> str:
    return ROOT.joinpath(name).read_text(encoding="utf-8")


def test_the_readme_lists_every_setting_as_the_code_has_it() -> None:
    match = re.search(r"<!-- settings -->\n(.*?)<!-- /settings -->", _text("README.md"), re.DOTALL)
    assert match
    assert match[1] == settings_markdown()


def test_the_readme_lists_which_settings_of_generators_are_obeyed() -> None:
    match = re.search(r"<!-- generators -->\n(.*?)<!-- /generators -->", _text("README.md"), re.DOTALL)
    assert match
    assert match[1] == obeyed_markdown()
    assert all(any(not one.meaning for one in settings) for settings in GENERATORS.values())


def test_the_readme_names_every_command_and_each_of_its_options() -> None:
    command = typer.main.get_command(app)
    readme = _text("README.md")
    for name, sub in command.commands.items():  # type: ignore[attr-defined]
        line = next((line for line in readme.splitlines() if line.startswith(f"| `feeds {name}")), "")
        assert line, f"README has no row for feeds {name}"
        for parameter in sub.params:
            for option in (o for o in parameter.opts if o.startswith("--") and o != "--help"):
                assert option in line, f"README does not name {option} of feeds {name}"


def test_the_architecture_names_every_error_and_every_room() -> None:
    text = _text("ARCHITECTURE.md")
    names = [name for name, value in vars(errors).items() if isinstance(value, type)]
    assert [name for name in names if name not in text] == []
    rooms = [p.relative_to(ROOT / "feeds") for p in (ROOT / "feeds").rglob("*.py") if "migrations" not in p.parts]
    missing = [str(room) for room in rooms if room.name not in {"__init__.py", "__main__.py"} and room.name not in text]
    assert missing == []


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_between_the_documents_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", _text(name)):
        assert (ROOT / target).exists(), f"{name} points to {target}"


def test_no_module_has_more_than_450_lines() -> None:
    long = [str(p) for p in (ROOT / "feeds").rglob("*.py") if len(p.read_text(encoding="utf-8").splitlines()) > 450]
    assert long == []


def test_the_version_is_said_once() -> None:
    printed = subprocess.run([sys.executable, "-m", "feeds", "--version"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"feeds \d+\.\d+\.\d+\n", printed.stdout)
