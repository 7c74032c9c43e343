"""Make an Article of a file's bytes: its front matter asked key by key, its text rendered, its problems told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feeds.content.citations import Extraction, extract_citations
from feeds.content.dates import date_before_slug, date_in_name, parse_date
from feeds.content.decoding import decode
from feeds.content.enclosures import find_enclosures
from feeds.content.fields import clean_line, flag_of, language_of, people_of, terms_of, text_of
from feeds.content.files import ContentRoot, FileStat
from feeds.content.frontmatter import Matter, split_front_matter
from feeds.content.generator import AddressFacts, Branch, DateRules
from feeds.content.headings import find_title, plain
from feeds.content.lead_image import find_image
from feeds.content.markdown import Rendered, render_markdown
from feeds.content.permalinks import site_page
from feeds.content.plaintext import plain_text, summarise
from feeds.content.private import is_private
from feeds.content.rules import PageFacts
from feeds.content.sheet import Sheet, fold_key, quoted
from feeds.content.site_files import Places
from feeds.model import NOWHERE, UNDATED, Article, Person, Problem, Severity
from feeds.urls import clean_url

if TYPE_CHECKING:  # it loads this module
    from feeds.content.articles import Inheritance, SiteFacts

#: Unreadable, they keep the article back: it might be under embargo, or withdrawn.
_STRICT_DATE_KEYS = frozenset({"publishdate", "pubdate", "expirydate", "unpublishdate"})
#: What Hugo's archetypes and templates write for "no date".
_NO_DATE = "0001-01-01"

#: The year in which "never" is written.
_NEVER = 9999
#: Sources of a date that the author did not name.
_GUESSED = frozenset({"file name", "file time"})

_TAG_KEYS = ("tags", "tag")
_TOPIC_KEYS = ("maintopics", "topics", "topic")
_CATEGORY_KEYS = ("categories", "category")
_SUMMARY_KEYS = ("summary", "description", "excerpt", "abstract")

#: What stands before ``<!--more-->`` is a summary as it is; ten times the usual length is a page.
_LONGEST_INTRO = 2_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _ReadArticle(Article, frozen=True, kw_only=True):
    """An article that makes its text when it is asked for it: 0.1 ms of 1.8, and a rebuild seldom asks."""

    @property  # type: ignore[misc]  # instead of a field
    def text(self) -> str:
        """Instead of the field."""
        return _text_in(self.html)


@lru_cache(maxsize=8)
def _text_in(html: str) -> str:
    return plain_text(html)


class Reader:
    """One article on its way: where it stands, what it says, what is wrong with it."""

    def __init__(self, file: FileStat, path: str, root: ContentRoot, site: SiteFacts, inherits: Inheritance) -> None:
        self.file = file
        self.path = path
        self.root = root
        self.site = site
        self.inherits = inherits
        prefix = root.name.strip("/")
        relative = path.removeprefix(f"{prefix}/") if prefix not in {"", "."} else path
        self.place = root.generator.place(root.in_tree(relative))
        #: Of a bundle the folder's.
        self.name = self.place.name
        #: The rest of a file name that begins with its date, where the site's dates are read from there.
        self.slug = ""

    def read(self, data: bytes) -> tuple[Article | None, list[Problem]]:
        """The article, or None with an ERROR that says why."""
        decoded = decode(data)
        said: list[Problem] = []
        if decoded.why:
            severity = Severity.ERROR if decoded.text is None else Severity.WARNING
            problem = Problem(
                path=self.path, line=decoded.line, severity=severity, what="encoding", why=decoded.why, fix=decoded.fix
            )
            said.append(problem)
        if decoded.text is None:
            return None, said
        matter = self._matter(decoded.text)
        said += matter.problems
        if _is_refused(said):
            return None, said
        own = {str(key).lower(): value for key, value in matter.values.items()}
        branches = self.inherits.branches
        if unread := next((branch.unread for branch in branches if branch.unread), ""):
            why = f"{unread} above it cannot be read, and may say that it is not public"
            return None, [*said, Problem(path=self.path, what="cascade", why=why, fix="fix that file")]
        if "cascade" in own:  # it counts for the page itself, too
            branches = (Branch(self.place.folders, self.place.edition, own), *branches)
        inherited = self.root.generator.inherited(self.place, branches)
        meant = self.root.generator.meant(self.place, matter.values, inherited)
        if meant is not matter.values:
            matter = replace(matter, values=dict(meant))
            own = {str(key).lower(): value for key, value in meant.items()}
        sheet = Sheet(matter, self.path, inherited)
        self.values = {**inherited, **own}
        article = self._article(sheet, matter, said)
        said += sheet.problems
        return None if _is_refused(said) else article, said

    def _matter(self, text: str) -> Matter:
        """The front matter and the text, with lines as they are in the file."""
        prepared = self.root.generator.prepared(text)
        matter = split_front_matter(prepared, path=self.path)
        added = 0 if prepared is text else prepared.count("\n") - text.count("\n")
        return _moved_up(matter, added) if added else matter

    def _article(self, sheet: Sheet, matter: Matter, said: list[Problem]) -> Article:
        title = self._title(sheet, matter.body)
        published, date_from = self._published(sheet)
        url = self._url(sheet, title, published)
        citations = extract_citations(matter.body, first_line=matter.body_line)
        if self.place.markup == "html":  # nothing there is a marker: most are regular expressions
            citations = replace(citations, dangling=())
        rendered = render_markdown(
            matter.body,
            PageFacts(url, self.site.url, self.site.rendering, self.inherits.known, self.place.markup),
            definition_lines=citations.definition_lines,
            labels=_labels(citations),
        )
        said += self._citation_problems(citations)
        said += self._rendering_problems(rendered, matter)
        tags, topics = self._tags(sheet), self._topics(sheet)
        return _ReadArticle(
            path=self.path,
            url=url,
            named_id=sheet.text("id", "guid") or None,
            title=title,
            published=published,
            updated=max(published, self._moment(sheet, self.dates.updated) or published),
            date_from=date_from,
            guessed=self._file_time() if date_from == NOWHERE else None,
            appears=self._moment(sheet, self.dates.appears) or published,
            expires=self._expires(sheet),
            draft=self._is_private(sheet),
            summary=plain(sheet.text(*_SUMMARY_KEYS)) or _beginning(rendered, title),
            html=rendered.html,
            notes=rendered.notes,
            authors=self._authors(sheet),
            tags=tuple(tags),
            topics=tuple(topics),
            tag_keys=tuple(tags.values()),
            topic_keys=tuple(topics.values()),
            section=self.place.folders[0] if self.place.folders else "",
            edition=self.place.edition,
            language=self._language(sheet),
            image=find_image(sheet, self._places(url)) or self.site.default_image,
            enclosures=find_enclosures(sheet, self._places(url), title=title),
            citations=citations.citations,
            undefined=citations.dangling,
            repeated=citations.repeated,
            aliases=self._aliases(sheet, url),
            termless=not tags and not topics,
            references=rendered.references,
        )

    @property
    def dates(self) -> DateRules:
        """Which keys are dates."""
        return self.root.generator.dates

    def _expires(self, sheet: Sheet) -> datetime | None:
        """The year 9999 says "never"."""
        moment = self._moment(sheet, self.dates.expires)
        return None if moment is None or moment.year >= _NEVER else moment

    def _is_private(self, sheet: Sheet) -> bool:
        """A draft, or what the site shows nowhere."""
        if self._is_only_page(sheet):
            sheet.say(Severity.NOTE, "date", "it has none, so to its site it is a page and no article", "write one")
            return True
        if why := self.root.generator.hidden(self.values):
            sheet.say(Severity.NOTE, "build", f"the site lists it nowhere ({why}), so no feed has it")
            return True
        return is_private(sheet)

    def _is_only_page(self, sheet: Sheet) -> bool:
        """It has no date, and the generator takes none without for an article."""
        return self.place.needs_date and not self.place.dated and not sheet.first(*self.dates.published)[0]

    def _title(self, sheet: Sheet, body: str) -> str:
        if title := sheet.text("title"):
            return title
        title, source = find_title(body, self.place.title or self.name)
        title = clean_line(title) or "…"
        sheet.say(Severity.NOTE, "title", f"the front matter has none; taken from {source}: {quoted(title)}")
        return title

    def _published(self, sheet: Sheet) -> tuple[datetime, str]:
        """When, and where that is known from: front matter, file name, git, file time, or none of them."""
        for key in self.dates.published:
            moment, source = self._date_by(sheet, key)
            if moment is not None:
                if source in _GUESSED and not self.place.dated:
                    why = f"the front matter has none that can be read; taken from the {source}: {moment.isoformat()}"
                    sheet.say(Severity.NOTE, "date", why, f"write `date: {moment.isoformat()}`")
                return moment, source
        if not self._is_only_page(sheet):
            why = "it has none, so it stands behind all articles that have one"
            sheet.say(Severity.NOTE, "date", why, "write `date: …`")
        return UNDATED, NOWHERE

    def _date_by(self, sheet: Sheet, key: str) -> tuple[datetime | None, str]:
        """The date that a rule gives, and its source."""
        if key == ":filename":
            return self._date_in_name(), "file name"
        if key == ":git":
            return self.inherits.committed, "git"
        if key == ":filemodtime":
            return self._file_time(), "file time"
        return self._date(sheet, (key,)), "front matter"

    def _date_in_name(self) -> datetime | None:
        if self.place.dated:
            return parse_date(self.place.dated, self.site.zone)
        if not self.dates.begins_name:
            return date_in_name(self.name, self.site.zone)
        moment, rest = date_before_slug(self.name, self.site.zone)
        self.slug = rest if moment else ""
        return moment

    def _moment(self, sheet: Sheet, keys: Iterable[str]) -> datetime | None:
        """The first date that the rules give."""
        return next((moment for key in keys if (moment := self._date_by(sheet, key)[0])), None)

    def _file_time(self) -> datetime:
        try:
            return (_EPOCH + timedelta(seconds=self.file.mtime_ns // 10**9)).astimezone(self.site.zone)
        except OverflowError:  # a file system that lost its clock
            return _EPOCH

    def _date(self, sheet: Sheet, keys: Iterable[str]) -> datetime | None:
        """The first readable date of these keys; says of the others that they are not."""
        for key in keys:
            _, value = sheet.first(key)
            if value is None or (text_of(value) or "").startswith(_NO_DATE) or (key == "published" and _is_flag(value)):
                continue
            if moment := parse_date(value, self.site.zone):
                return moment
            severity = Severity.ERROR if key in _STRICT_DATE_KEYS else Severity.WARNING
            sheet.say(severity, key, f"{quoted(value)} is no date", "write it like 2025-07-03T20:10:00+08:00")
        return None

    def _url(self, sheet: Sheet, title: str, published: datetime) -> str:
        page = AddressFacts(
            place=self.place,
            branches=self.inherits.branches,
            site_url=self.site.url,
            title=title,
            slug=sheet.text("slug") or self.slug,
            published=published,
            values=self.values,
            pattern=self.root.url,
            zone=self.site.zone,
        )
        if url := self.root.generator.address(page):
            return url
        fix = "write a path such as /about/"
        sheet.warn("url", f"{quoted(self.values.get('url'))} is no address", fix)
        without = {key: value for key, value in self.values.items() if key != "url"}
        return self.root.generator.address(replace(page, values=without)) or self.site.url

    def _aliases(self, sheet: Sheet, page_url: str) -> tuple[str, ...]:
        """Below the site, or beside the page (Hugo); or whole addresses elsewhere."""
        _, value = sheet.first("aliases", "alias")
        if value is None:
            return ()
        home = f"{self.site.url.rstrip('/')}/"
        beside = page_url.removeprefix(home).rstrip("/").rpartition("/")[0]
        found = []
        for alias in map(text_of, value if isinstance(value, list) else [value]):
            if alias and "://" in alias:
                found.append(clean_url(alias))
            elif alias:
                found.append(site_page(alias if alias.startswith("/") else f"{beside}/{alias}", site_url=home))
        return tuple(dict.fromkeys(filter(None, found)))

    def _tags(self, sheet: Sheet) -> dict[str, str]:
        return _terms(sheet, self.site.tag_keys) or _terms(sheet, _TAG_KEYS)

    def _topics(self, sheet: Sheet) -> dict[str, str]:
        """``categories`` count as topics where there are no others."""
        return _terms(sheet, self.site.topic_keys) or _terms(sheet, _TOPIC_KEYS) or _terms(sheet, _CATEGORY_KEYS)

    def _authors(self, sheet: Sheet) -> tuple[Person, ...]:
        key, value = sheet.first("authors", "author")
        people = people_of(value, sheet.warner(key)) if key else ()
        return people or ((self.site.author,) if self.site.author else ())

    def _language(self, sheet: Sheet) -> str:
        key, value = sheet.first("language", "lang")
        if not key:
            return self.place.language or self.site.language
        found = language_of(value)
        if not found:
            sheet.warn(key, f"{quoted(value)} is no language tag", "write it like zh-CN")
        return found or self.place.language or self.site.language

    def _places(self, page_url: str) -> Places:
        bundle = str(Path(self.file.absolute).parent) if self.place.is_bundle else None
        return Places(page_url=page_url, bundle=bundle, site_url=self.site.url, static=self.site.static)

    def _citation_problems(self, found: Extraction) -> Iterator[Problem]:
        for label, line in found.dangling:
            yield self._warning(line, "citation", f"[^{label[:40]}] has no definition", "add a line `[^…]: …`")
        for label, line in found.repeated:
            yield self._warning(line, "citation", f"[^{label[:40]}] is defined twice", "give each its own label")

    def _rendering_problems(self, rendered: Rendered, matter: Matter) -> Iterator[Problem]:
        for line, why in rendered.problems:
            yield self._warning(None if line is None else matter.body_line + line, "text", why)

    def _warning(self, line: int | None, what: str, why: str, fix: str = "") -> Problem:
        return Problem(path=self.path, line=line, severity=Severity.WARNING, what=what, why=why, fix=fix)


def _moved_up(matter: Matter, lines: int) -> Matter:
    """The same with lower numbers of lines."""
    return replace(
        matter,
        lines={key: line - lines for key, line in matter.lines.items()},
        body_line=matter.body_line - lines,
        problems=tuple(replace(one, line=one.line and max(one.line - lines, 1)) for one in matter.problems),
    )


def _is_refused(problems: Iterable[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def _beginning(rendered: Rendered, title: str) -> str:
    """A summary of the text, without the title if that is its first block: what its author marked, or its beginning."""
    if intro := rendered.intro.removeprefix(title).lstrip():
        return summarise(intro, _LONGEST_INTRO)
    text = rendered.text
    return summarise(text.removeprefix(f"{title} ") or text)


def _labels(found: Extraction) -> list[str]:
    return list(dict.fromkeys(citation.label for citation in found.citations if citation.label is not None))


def _terms(sheet: Sheet, keys: Iterable[str]) -> dict[str, str]:
    """Terms in their order, and the first key that names each."""
    terms: dict[str, str] = {}
    for key in map(fold_key, keys):
        _, value = sheet.first(key)
        if value is not None:
            for term in terms_of(value, sheet.warner(key)):
                terms.setdefault(term, key)
    return terms


def _is_flag(value: object) -> bool:
    return flag_of(value) is not None
