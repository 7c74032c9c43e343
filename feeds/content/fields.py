"""Make of raw front matter values what an article needs: one line of text, terms, people, a language. Pure.

Nothing here raises. What had to be guessed or left out is told to ``warn(why, fix)``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from feeds.model import Person
from feeds.urls import clean_url

Warn = Callable[[str, str], None]

#: Longest term, in characters, and most terms of one article: each becomes a feed, so a mistake must not become 10,000.
MAX_TERM_CHARS = 100
MAX_TERMS = 100

#: Deepest nesting of lists that is searched for terms.
_MAX_DEPTH = 5

#: What no reader should meet: controls, lone surrogates (JSON's ``\\ud800``), non-characters, byte order marks.
_UNWANTED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_SEPARATOR = re.compile(r"\s*[,，、;；\n]\s*")
_PEOPLE_SEPARATOR = re.compile(r"\s*(?:[，、;；\n]|\s&\s)\s*")
_MAILBOX = re.compile(r"(?P<name>[^<>()]*?)\s*[<(]?(?P<email>[^\s@<>()]{1,64}@[^\s@<>()]{1,255}\.[a-zA-Z]{2,})[>)]?")
#: Brackets and quotes that are no part of a term, and what closes them.
_SHELLS = {"[": "]", "［": "］", '"': '"', "“": "”", "‘": "’", "'": "'"}
_ANY_SHELL = re.compile(r"""[\[\]［］"“”‘']""")
#: Brackets around a list that is written as text: ``(a, b)``.
_LIST_SHELLS = {"[": "]", "［": "］", "【": "】", "(": ")", "（": "）"}
#: A list that a generator split at the commas inside brackets is put together again from so many pieces at most.
_MAX_PIECES = 6
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE)

_FLAGS = {
    "true": True, "yes": True, "on": True, "1": True, "y": True, "是": True,
    "false": False, "no": False, "off": False, "0": False, "n": False, "否": False,
}  # fmt: skip


def clean_line(text: str) -> str:
    """One line: NFC, white space folded, without control characters."""
    # Printable text holds nothing unwanted, and telling so takes a tenth of the time.
    line = " ".join((text if text.isprintable() else _UNWANTED.sub("", text)).split())
    return line if line.isascii() else unicodedata.normalize("NFC", line)


def text_of(value: Any) -> str | None:
    """A scalar as one line; None for lists, maps and nothing."""
    if isinstance(value, str):
        return clean_line(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):  # datetimes are dates
        return value.isoformat()
    return str(value) if isinstance(value, int | float) else None


def flag_of(value: Any) -> bool | None:
    """A yes or no; None when it is neither."""
    return _FLAGS.get((text_of(value) or "").lower())


def language_of(value: Any) -> str | None:
    """A BCP 47 tag in its usual case (``zh-CN``); None when it is none."""
    tag = (text_of(value) or "").replace("_", "-")
    if len(tag) > 35 or not _LANGUAGE.fullmatch(tag):  # RFC 5646 §4.4.1: 35 characters
        return None
    language, *rest = tag.split("-")
    # RFC 5646 §2.1.1: regions in upper case, scripts in title case, all else in lower case.
    cases = {2: str.upper, 4: str.title}
    return "-".join([language.lower(), *(cases.get(len(part), str.lower)(part) for part in rest)])


def terms_of(value: Any, warn: Warn) -> tuple[str, ...]:
    """Tags or topics: a list, or text with commas of any kind; numbers and bools as spelt, without repetitions."""
    if isinstance(value, str):
        terms = [term for term in _SEPARATOR.split(_without_list_shell(clean_line(value.replace("\n", ",")))) if term]
    else:
        terms = list(_flattened(value, warn))
    together = "".join(terms)
    if _ANY_SHELL.search(together):
        terms = list(_shelled(terms, warn))
    if "(" in together or "（" in together:
        terms = list(_rejoined(terms, warn))
    terms = list(dict.fromkeys(terms))
    usable = [term for term in terms if len(term) <= MAX_TERM_CHARS]
    if len(usable) < len(terms):
        warn(f"a term longer than {MAX_TERM_CHARS} characters was left out", "shorten it")
    if len(usable) > MAX_TERMS:
        warn(f"only the first {MAX_TERMS} of {len(usable)} were taken", "name fewer")
    return tuple(usable[:MAX_TERMS])


def _flattened(value: Any, warn: Warn, depth: int = 0) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _from_map(value, warn)
    elif isinstance(value, list):
        if depth == 1:
            warn("a list inside the list was unfolded", "write one list")
        for one in value if depth < _MAX_DEPTH else ():
            if not isinstance(one, str):
                yield from _flattened(one, warn, depth + 1)
            elif term := _term(one):
                yield term
    elif text := text_of(value):
        yield text


@lru_cache(maxsize=4096)
def _term(text: str) -> str:
    """Articles share their terms: two in three are found here, in a tenth of the time."""
    return clean_line(text)


def _from_map(pairs: dict[str, Any], warn: Warn) -> Iterator[str]:
    """``{name: AI, slug: ai}`` names AI; ``- AI: the future`` is text with a colon that lacks its quotes."""
    for key in ("name", "title", "label"):
        if name := text_of(pairs.get(key)):
            warn(f"holds a map, its {key} {name!r} was taken", "write the name alone")
            yield name
            return
    for key, value in pairs.items():
        text = text_of(value)
        term = clean_line(f"{key}: {text}" if text else key)
        warn(f"holds a map, taken as {term!r}", "put it in quotes")
        yield term


def _without_list_shell(text: str) -> str:
    """``(a, b)``, ``- a, b`` and ``- a - b`` without what makes a list of them elsewhere."""
    if text.startswith("- "):
        text = text[2:].replace(" - ", ", ")
    closer = _LIST_SHELLS.get(text[:1])
    inner = text[1:-1]
    is_list = closer and text.endswith(closer) and _SEPARATOR.search(inner) and not {text[0], closer} & set(inner)
    return inner.strip() if is_list else text


def _shelled(terms: list[str], warn: Warn) -> Iterator[str]:
    """Undo what a list that was no list leaves at its ends: ``[a``, ``b]``, ``"c"``."""
    for term in terms:
        bare = _without_shell(term)
        if bare != term and bare:
            warn(f"{term!r} was taken as {bare!r}", "write a list of words")
        if bare:
            yield bare


def _without_shell(term: str) -> str:
    if term.startswith("[[") and term.endswith("]]"):  # Obsidian's link, with the words for it behind a bar
        return term[2:-2].rpartition("|")[2].strip()
    closer = _SHELLS.get(term[:1])
    if closer and len(term) > 1 and term.endswith(closer) and not {term[0], closer} & set(term[1:-1]):
        return term[1:-1].strip()
    for opening, closing in (("[", "]"), ("［", "］")):
        if term.startswith(opening) and closing not in term:
            return term[1:].strip()
        if term.endswith(closing) and opening not in term:
            return term[:-1].strip()
    return term


def _rejoined(terms: list[str], warn: Warn) -> Iterator[str]:
    """Undo a split at commas inside brackets: ``投融资 (Funding`` and ``M&A)`` are one term."""
    start = 0
    while start < len(terms):
        end = _end_of_brackets(terms, start)
        if end > start + 1:
            warn(f"split inside brackets, put together: {', '.join(terms[start:end])!r}", "write it as one, in quotes")
        yield ", ".join(terms[start:end])
        start = end


def _end_of_brackets(terms: list[str], start: int) -> int:
    """Where the brackets that open in a term are closed; the next term when none are open, or none close."""
    open_brackets = 0
    for end in range(start, min(start + _MAX_PIECES, len(terms))):
        open_brackets += sum(map(terms[end].count, "(（")) - sum(map(terms[end].count, ")）"))
        if open_brackets <= 0:
            return end + 1
    return start + 1


def people_of(value: Any, warn: Warn) -> tuple[Person, ...]:
    """Authors: text (``、``, ``;`` or ``&`` between several), ``Name <address>``, a map, or a list of these."""
    people: dict[str, Person] = {}
    for one in value if isinstance(value, list) else [value]:
        found = [_person(one)] if isinstance(one, dict) else map(_mailbox, _names(one))
        for person in found:
            if person is None:
                warn("an author without a name was left out", "write `name: …`")
            else:
                people.setdefault(person.name, person)
    return tuple(people.values())


def _names(value: Any) -> Iterable[str]:
    return [name for name in _PEOPLE_SEPARATOR.split(text_of(value) or "") if name]


def _mailbox(text: str) -> Person:
    """``Name <address>``, an address alone (named by what stands before its ``@``), or a name alone."""
    found = _MAILBOX.fullmatch(text)
    if not found:
        return Person(name=text)
    email = found["email"] if found["email"].isascii() else None
    return Person(name=found["name"] or found["email"].partition("@")[0], email=email)


def _person(pairs: dict[str, Any]) -> Person | None:
    """``{name, email, url}``, each under its usual names; None when it names nobody."""
    known = {key.lower(): text for key, value in pairs.items() if (text := text_of(value))}
    mail = next((_mailbox(known[key]) for key in ("email", "mail") if key in known), None)
    named = next((_mailbox(known[key]) for key in ("name", "title", "nickname", "id") if key in known), mail)
    if named is None:
        return None
    url = next((clean_url(known[key]) for key in ("url", "link", "homepage", "website") if key in known), None)
    return Person(name=named.name, email=(mail and mail.email) or named.email, url=url)
