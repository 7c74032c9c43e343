"""Tell in words what is known of an article: its id, dates, problems, its feeds and why, what it cites and covers."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Row

from feeds.content.articles import Reading, read_article
from feeds.content.files import FileStat, scan
from feeds.match import Matcher, Rule, Story, piece_of
from feeds.meet.pieces import Followed, followed, story_of_stored
from feeds.meet.why import (
    Account,
    Line,
    account,
    citation_name,
    count,
    entry_name,
    fact,
    headed,
    pair_lines,
    source_names,
    when,
)
from feeds.model import NOWHERE, Article, Citation, Scope
from feeds.publish.cited import SourceBook
from feeds.publish.select import Publication, mint_id, named_iri
from feeds.publish.terms import Term, TermFinder, fold, strip_gloss, terms_of, unlisted_topics
from feeds.rebuild.inheritance import read_inheritances
from feeds.rebuild.moments import as_of
from feeds.rebuild.values import Site
from feeds.store import article_rows, feed_rows, link_rows, match_rows, why_rows
from feeds.store.why_rows import Pair
from feeds.urls import canonical, clean_url, host_of

# -- which article is meant --------------------------------------------------------------------------------------------


class Named(Struct, frozen=True):
    """An article that somebody has named."""

    path: str
    #: None when the file is gone.
    file: FileStat | None
    #: None when it was not taken in yet.
    row: Row[Any] | None


def find_article(connection: Connection | None, site: Site, name: str) -> Named | None:
    """The article of a path (as ``feeds check`` prints it, or of the current folder), an address or an id."""
    row = why_rows.article_called(connection, _spellings(name)) if connection else None
    if row is None and connection and host_of(name) and host_of(name) == host_of(site.publication.url):
        # The same page in another spelling.
        paths = [
            one.path for one in why_rows.article_names(connection) if one.url and canonical(one.url) == canonical(name)
        ]
        row = why_rows.article_called(connection, paths[:1]) if paths else None
    files = scan(site.roots).files
    path = row.path if row is not None else _path_of(name, site, files)
    if path is None:
        return None
    if row is None and connection:
        row = why_rows.article_called(connection, {path})
    return Named(path=path, file=files.get(path), row=row)


def article_paths(site: Site) -> list[str]:
    """Of all articles, as ``feeds check`` prints them."""
    return list(scan(site.roots).files)


def _spellings(name: str) -> set[str]:
    """What an author may leave out of an address."""
    url = clean_url(name) if "://" in name else None
    return {name, *((url, url.rstrip("/"), f"{url.rstrip('/')}/") if url else ())}


def _path_of(name: str, site: Site, files: Mapping[str, FileStat]) -> str | None:
    if name in files:
        return name
    by_place = {file.absolute: path for path, file in files.items()}
    places = (str(folder.joinpath(name).resolve()) for folder in (Path.cwd(), Path(site.folder)))
    return next((by_place[place] for place in places if place in by_place), None)


# -- the account -------------------------------------------------------------------------------------------------------


def tell_article(connection: Connection | None, site: Site, named: Named, *, now: datetime) -> Account:
    """One article; its file is read, and no other."""
    reading = _read(site, named)
    article = reading.article if reading else None
    row = named.row
    title = article.title if article else row.title if row is not None else None
    lines = [*_state(named, reading), *_problems(reading, row)]
    if article is not None:
        lines += [*_identity(site, article, row), *_dates(article, now=now)]
    if connection is not None and row is not None:
        lines += _feeds(connection, site, article, row)
        if article is not None:
            lines += _Meetings(connection, site, article, row).lines()
    elif article is not None:
        lines += headed("It will stand in:", (fact(f"{t.scope} {t.spelling}") for t in _named_terms(site, article)))
    return account(f"{named.path}: “{title}”" if title else named.path, lines)


def _read(site: Site, named: Named) -> Reading | None:
    if named.file is None:
        return None
    known = article_rows.known_references(named.row) if named.row is not None else {}
    inherits = replace(read_inheritances(site, scan(site.roots)).of(named.path, named.file), known=known)
    return read_article(named.file, named.path, site.roots[named.file.root], site.facts, inherits)


def _state(named: Named, reading: Reading | None) -> Iterator[Line]:
    """Whether what is told is what is published."""
    if reading is None:
        yield fact("Its file is gone: the next feeds rebuild withdraws it.")
    elif named.row is None:
        yield fact("It is new: the next feeds rebuild takes it in.")
    elif reading.digest != named.row.digest:
        yield fact("Its file has changed since the last feeds rebuild: what its feeds hold is older than what it says.")
    if reading is not None and reading.article is None:
        held = named.row is not None and named.row.uid
        stays = "its last good version stays in the feeds" if held else "it stands in no feed"
        yield fact(f"It is quarantined, since it cannot be read: {stays} until somebody mends it.")


def _problems(reading: Reading | None, row: Row[Any] | None) -> Iterator[Line]:
    if reading is not None:
        lines = [fact(f"{problem} [{problem.severity}]") for problem in reading.problems]
    else:
        lines = [
            fact(f"{one['what']}: {one['why']} [{one['severity']}]")
            for one in json.loads(row.problems if row else "[]")
        ]
    yield from headed("What is to be said of its file:", lines)


def _identity(site: Site, article: Article, row: Row[Any] | None) -> Iterator[Line]:
    uid = row.uid if row is not None and row.uid else named_iri(article) or mint_id(site.publication, article)
    yield from headed(f"id: {uid}", [fact(_id_from(site, article, uid))])
    yield fact(f"address: {article.url}")
    if article.aliases:
        yield from headed("Earlier addresses of it:", map(fact, article.aliases))


def _id_from(site: Site, article: Article, uid: str) -> str:
    if uid == named_iri(article):
        return "as its front matter has it"
    if uid == mint_id(site.publication, article):
        source = "address, since the date of a file is no date" if uid.startswith("urn:") else "host, date and path"
        return f"made of its {source}; kept for ever, wherever its file goes"
    if uid.startswith(mint_id(site.publication, article)):
        return "made of the id of another article, at the same address or gone, and of the path that its file had"
    return "kept from when it was first published: its date, path or front matter was another then"


def _dates(article: Article, *, now: datetime) -> Iterator[Line]:
    if article.date_from == NOWHERE:
        yield fact("published: it has no date, so it stands behind all articles that have one")
    else:
        yield fact(f"published: {when(article.published)}, from the {article.date_from}")
    if as_of(article, now) is not article:
        yield fact(f"modified: {when(article.updated)}, which counts from then on")
    elif article.updated != article.published:
        yield fact(f"updated: {when(article.updated)}")
    if article.draft:
        yield fact("It is a draft: it stands in no feed.")
    elif article.appears > now:
        yield fact(f"It appears on {when(article.appears)}: it stands in no feed until then.")
    elif article.expires and article.expires <= now:
        yield fact(f"It expired on {when(article.expires)}: it stands in no feed any more.")
    elif article.expires:
        yield fact(f"It expires on {when(article.expires)}.")


# -- its feeds ---------------------------------------------------------------------------------------------------------


def _named_terms(site: Site, article: Article) -> Sequence[Term]:
    return terms_of(article.tags, article.topics, site.rules)


def _feeds(connection: Connection, site: Site, article: Article | None, row: Row[Any]) -> Iterator[Line]:
    reasons = _Reasons(connection, site, article, row) if article else None
    lines: list[Line] = []
    for feed in why_rows.feeds_of(connection, row.id):
        place = _place(site.publication, feed)
        unpublished = "" if feed.published else f"; not written yet ({feed.members} of {site.min_articles} articles)"
        why = [fact(why) for why in reasons.of(feed)] if reasons else []
        language = f" ({feed.edition})" if feed.edition else ""
        name = f"{feed.scope} {feed.name}".strip() + language
        lines += headed(f"{name}{place}{unpublished}", why, otherwise=f"{name}{place}{unpublished}")
    yield from headed("It stands in these feeds:", lines, otherwise="It stands in no feed.")
    if article is not None:
        left_out = unlisted_topics(article.topics, site.rules)
        yield from headed("Topics of it that have no feed, since sources.yaml does not list them:", map(fact, left_out))


def _place(publication: Publication, feed: Row[Any]) -> str:
    """Where in a feed an article stands that is not among its newest."""
    if feed.newer < publication.limit:
        return ""
    archives = publication.archives(Scope(feed.scope), feed.members)
    page = (feed.members - feed.newer - 1) // publication.page + 1
    return f", archive {page}" if page <= archives else f", older than the newest {publication.limit}"


class _Reasons:
    """Why an article stands in a feed."""

    def __init__(self, connection: Connection, site: Site, article: Article, row: Row[Any]) -> None:
        self._connection = connection
        self._site = site
        self._article = article
        self._book = SourceBook(site.sources)
        self._names = source_names(site.sources)
        rows = match_rows.published(connection, {row.id})
        self._met = why_rows.entries_by_id(connection, {one.entry_id for one in rows})
        self._finder: TermFinder | None = None

    def of(self, feed: Row[Any]) -> list[str]:
        """One sentence for each reason."""
        scope = Scope(feed.scope)
        if scope in {Scope.TAG, Scope.TOPIC}:
            found = self._inferred(feed) if self._article.termless else self._spelt(scope, feed)
        elif scope is Scope.SOURCE:
            found = [*self._cited(feed.name), *self._told(feed.name)]
        elif scope is Scope.COMBINED:
            found = self._combined(feed.key)
        else:
            found = ["every article does"]
        return found or ["it did at the last feeds rebuild; its file says otherwise now"]

    def _spelt(self, scope: Scope, feed: Row[Any]) -> list[str]:
        is_tag = scope is Scope.TAG
        aliases = self._site.rules.tag_aliases if is_tag else self._site.rules.topic_aliases
        found = []
        for name in self._article.tags if is_tag else self._article.topics:
            own = aliases.get(fold(name)) or strip_gloss(name)
            if fold(own) != feed.key:
                continue
            if fold(name) != feed.key:
                found.append(f"its front matter says “{name}”, which sources.yaml makes an alias of “{own}”")
            else:
                shown = "" if name == feed.name else f"; most articles write “{feed.name}”"
                found.append(f"its front matter says “{name}”{shown}")
        return found

    def _inferred(self, feed: Row[Any]) -> list[str]:
        if self._finder is None:
            rows = feed_rows.vocabulary(self._connection, [Scope.TAG, Scope.TOPIC])
            own = (row for row in rows if row[0] == feed.edition)
            self._finder = TermFinder((Scope(scope), key, name) for _, scope, key, name in own)
        places = ((self._article.title, "title"), (self._article.text, "text"))
        times = [(self._times(text, feed), name) for text, name in places]
        said = " and ".join(f"its {name} names it {count(number, 'time')}" for number, name in times if number)
        return [f"its front matter names no terms, so it is inferred: {said}"] if said else []

    def _times(self, text: str, feed: Row[Any]) -> int:
        counts = self._finder.count(text) if self._finder else {}
        return sum(number for term, number in counts.items() if (term.scope, term.key) == (feed.scope, feed.key))

    def _cited(self, name: str) -> list[str]:
        return [
            f"{citation_name(citation)}: {self._by_what(citation, name)}"
            for citation in self._article.citations
            if name in self._book.cited_by([citation])
        ]

    def _by_what(self, citation: Citation, name: str) -> str:
        if name in self._book.cited_by([replace(citation, title=None, key=None)]):
            return f"names its publisher, “{citation.publisher}”"
        if name in self._book.cited_by([replace(citation, title=None, publisher=None)]):
            return f"leads to its site, {host_of(citation.key or '')}"
        return "names it in its title"

    def _told(self, name: str) -> list[str]:
        entries = [row for row in self._met.values() if self._names.get(row.feed_url) == name]
        return [f"cites or covers its entry {entry_name(row, self._names)}" for row in entries]

    def _combined(self, key: str) -> list[str]:
        return [f"it fulfils {feed.where}" for feed in self._site.combined if fold(feed.name) == key]


# -- what it cites and covers ------------------------------------------------------------------------------------------


class _Meetings:
    """What an article has to do with the entries of the sources."""

    def __init__(self, connection: Connection, site: Site, article: Article, row: Row[Any]) -> None:
        self._connection = connection
        self._site = site
        self._article = article
        self._row = row
        self._book = SourceBook(site.sources)
        self._feeds: Mapping[str, Followed] = followed(site.sources)
        self._names = source_names(site.sources)
        self._pairs = why_rows.pairs(connection, article_id=row.id)
        self._entries = why_rows.entries_by_id(connection, {pair.entry_id for pair in self._pairs})
        self._matcher = Matcher(words=site.words)

    def lines(self) -> Iterator[Line]:
        """Citation by citation, then what it covers without citing it."""
        if why_rows.is_compared(self._connection, self._row.id) is False:
            yield fact("It was not compared with the entries since it came or changed: feeds rebuild does that.")
        cited: list[Line] = []
        for place, citation in enumerate(self._article.citations):
            cited += headed(citation_name(citation), self._citation(place, citation))
        yield from headed("What it cites:", cited, otherwise="It cites nothing.")
        others = [pair for pair in self._pairs if pair.citation is None]
        yield from headed("What it tells without citing it:", self._met(others))

    def _citation(self, place: int, citation: Citation) -> Iterator[Line]:
        if citation.key:
            yield fact(f"key: {citation.key}")
            seen = link_rows.link_rows(self._connection, {citation.key}).get(citation.key)
            if seen is not None:
                yield fact(f"The look for the page on {seen.checked:%Y-%m-%d} found it {seen.word}: {seen.sentence}.")
        same = [other for other, one in enumerate(self._article.citations) if _is_same_page(one, citation)]
        pairs = [pair for pair in self._pairs if pair.citation == place or pair.citation in same]
        yield from self._met(pairs) if pairs else self._unmet(citation)

    def _met(self, pairs: Collection[Pair]) -> Iterator[Line]:
        for pair in pairs:
            yield from headed(f"entry {entry_name(self._entries[pair.entry_id], self._names)}", pair_lines(pair))

    def _unmet(self, citation: Citation) -> Iterator[Line]:
        """Why a citation meets no entry: whose it is, how far that source's feed reaches, what comes nearest."""
        names = self._book.cited_by([citation])
        if not names:
            yield fact(f"It meets no entry: its source{_claimed(citation)} is not in sources.yaml.")
        for name in names:
            feeds = [url for url, own in self._names.items() if own == name]
            span = why_rows.entry_span(self._connection, feeds)
            if not feeds:
                yield fact(f"It meets no entry: {name} has no feed in sources.yaml.")
            elif span is None:
                yield fact(f"It meets no entry: nothing of {name} is known yet (feeds poll asks it).")
            else:
                yield fact(f"It meets no entry of {name}, whose feed reaches back to {span[0]:%Y-%m-%d}.")
                yield from self._nearest(citation, feeds)

    def _nearest(self, citation: Citation, feeds: Collection[str]) -> Iterator[Line]:
        """The entry of the source that comes nearest, and what the rules say of it."""
        id_ = _nearest_entry(citation, why_rows.entries_of_source(self._connection, feeds))
        stored = next(match_rows.stored_entries(self._connection, {id_}), None) if id_ else None
        if stored is None:
            return
        row = why_rows.entries_by_id(self._connection, {stored.id})[stored.id]
        story = story_of_stored(stored, self._feeds[stored.feed])
        rules = self._rules(citation, story)
        yield from headed(f"The nearest entry: {entry_name(row, self._names)}", map(fact, rules))

    def _rules(self, citation: Citation, story: Story) -> Iterator[str]:
        """The rules for citations, as if it were the only one."""
        self._matcher.add_article(replace(piece_of(self._article), text="", citations=(citation,)))
        for said in self._matcher.why(story, self._article.path):
            if said.startswith(f"{Rule.COVERS}:"):
                return
            yield said


def _is_same_page(one: Citation, two: Citation) -> bool:
    return one.key is not None and one.key == two.key


def _claimed(citation: Citation) -> str:
    said = citation.publisher or host_of(citation.key or "")
    return f", {said}," if said else ""


def _nearest_entry(citation: Citation, rows: Sequence[Row[Any]]) -> int | None:
    """By its title where it has one, else by its address."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 (20 ms that most runs need not spend)

    wanted, column = (citation.title, "title") if citation.title else (citation.key, "url_key")
    choices = {row.id: getattr(row, column) for row in rows if getattr(row, column)}
    best = process.extractOne(wanted, choices, scorer=fuzz.ratio) if wanted else None
    return None if best is None else int(best[2])
