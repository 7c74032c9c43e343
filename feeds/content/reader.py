"""Make an Article of a file's bytes: its front matter asked key by key, its text rendered, its problems told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from feeds.content.citations import Extraction, extract_citations
from feeds.content.dates import date_in_name, parse_date
from feeds.content.decoding import decode
from feeds.content.fields import clean_line, flag_of, language_of, people_of, terms_of, text_of
from feeds.content.files import ContentRoot, FileStat, is_bundle_page
from feeds.content.frontmatter import Matter, split_front_matter
from feeds.content.headings import plain, title_in
from feeds.content.lead_image import find_image
from feeds.content.markdown import Rendered, render_markdown
from feeds.content.permalinks import own_url, permalink, site_page
from feeds.content.plaintext import plain_text, summarise
from feeds.content.rules import PageFacts
from feeds.content.sheet import Sheet, fold_key, quoted
from feeds.model import Article, Image, Person, Problem, Severity
from feeds.urls import clean_url

if TYPE_CHECKING:  # it loads this module
    from feeds.content.articles import SiteFacts

#: Hugo's own lists of keys (its ``frontmatter`` configuration), and what other generators write; folded.
_PUBLISHED_KEYS = ("date", "publishdate", "pubdate", "published", "created", "lastmod", "modified", "updated")
_UPDATED_KEYS = ("lastmod", "modified", "updated", "lastmodified")
_APPEARS_KEYS = ("publishdate", "pubdate")
_EXPIRES_KEYS = ("expirydate", "unpublishdate")
#: Unreadable, they keep the article back: it might be under embargo, or withdrawn.
_STRICT_DATE_KEYS = frozenset({*_APPEARS_KEYS, *_EXPIRES_KEYS})
#: What Hugo's archetypes and templates write for "no date".
_NO_DATE = "0001-01-01"

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

    def __init__(self, file: FileStat, path: str, root: ContentRoot, site: SiteFacts, known: Mapping[str, str]) -> None:
        self.file = file
        self.path = path
        self.root = root
        self.site = site
        #: Where its references to other articles lead.
        self.known = known
        prefix = root.name.strip("/")
        relative = path.removeprefix(f"{prefix}/") if prefix not in {"", "."} else path
        *folders, name = relative.split("/")
        self.is_bundle = bool(folders) and is_bundle_page(name)
        #: File name without extension; of a bundle the folder's.
        self.name = folders.pop() if self.is_bundle else name.rpartition(".")[0] or name
        # Hugo takes only folders with an _index.md for sections; its addresses follow all of them, as ours do.
        self.sections = (*filter(None, root.section.split("/")), *folders)

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
        matter = split_front_matter(decoded.text, path=self.path)
        said += matter.problems
        if _is_refused(said):
            return None, said
        sheet = Sheet(matter, self.path)
        article = self._article(sheet, matter, said)
        said += sheet.problems
        return None if _is_refused(said) else article, said

    def _article(self, sheet: Sheet, matter: Matter, said: list[Problem]) -> Article:
        title = self._title(sheet, matter.body)
        published, date_from = self._published(sheet)
        url = self._url(sheet, title, published)
        citations = extract_citations(matter.body, first_line=matter.body_line)
        rendered = render_markdown(
            matter.body,
            PageFacts(url, self.site.url, self.site.rendering, self.known),
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
            updated=max(published, self._date(sheet, _UPDATED_KEYS) or published),
            date_from=date_from,
            appears=self._date(sheet, _APPEARS_KEYS) or published,
            expires=self._date(sheet, _EXPIRES_KEYS),
            draft=_is_draft(sheet),
            summary=plain(sheet.text(*_SUMMARY_KEYS)) or _beginning(rendered, title),
            html=rendered.html,
            notes=rendered.notes,
            authors=self._authors(sheet),
            tags=tags,
            topics=topics,
            section=self.sections[0] if self.sections else "",
            language=self._language(sheet),
            image=self._image(sheet, url),
            citations=citations.citations,
            undefined=citations.dangling,
            repeated=citations.repeated,
            aliases=self._aliases(sheet, url),
            termless=not tags and not topics,
            references=rendered.references,
        )

    def _title(self, sheet: Sheet, body: str) -> str:
        if title := sheet.text("title"):
            return title
        title = clean_line(title_in(body))
        source = "its text" if title else "the file name"
        title = title or clean_line(self.name) or "…"
        sheet.say(Severity.NOTE, "title", f"the front matter has none; taken from {source}: {quoted(title)}")
        return title

    def _published(self, sheet: Sheet) -> tuple[datetime, str]:
        """When, and where that is known from: front matter, file name or file time."""
        if moment := self._date(sheet, _PUBLISHED_KEYS):
            return moment, "front matter"
        source = "file name"
        moment = date_in_name(self.name, self.site.zone)
        if moment is None:
            source, moment = "file time", self._file_time()
        why = f"the front matter has none that can be read; taken from the {source}: {moment.isoformat()}"
        sheet.say(Severity.NOTE, "date", why, f"write `date: {moment.isoformat()}`")
        return moment, source

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
        if own := sheet.text("url"):
            if url := own_url(own, site_url=self.site.url):
                return url
            sheet.warn("url", f"{quoted(own)} is no address", "write a path such as /about/")
        return permalink(
            self.root.url,
            site_url=self.site.url,
            section=self.sections[0] if self.sections else "",
            sections=self.sections,
            filename=self.name,
            title=title,
            slug=sheet.text("slug"),
            published=published,
        )

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

    def _tags(self, sheet: Sheet) -> tuple[str, ...]:
        return _terms(sheet, self.site.tag_keys) or _terms(sheet, _TAG_KEYS)

    def _topics(self, sheet: Sheet) -> tuple[str, ...]:
        """``categories`` count as topics where there are no others."""
        return _terms(sheet, self.site.topic_keys) or _terms(sheet, _TOPIC_KEYS) or _terms(sheet, _CATEGORY_KEYS)

    def _authors(self, sheet: Sheet) -> tuple[Person, ...]:
        key, value = sheet.first("authors", "author")
        people = people_of(value, sheet.warner(key)) if key else ()
        return people or ((self.site.author,) if self.site.author else ())

    def _language(self, sheet: Sheet) -> str:
        key, value = sheet.first("language", "lang")
        if not key:
            return self.site.language
        found = language_of(value)
        if not found:
            sheet.warn(key, f"{quoted(value)} is no language tag", "write it like zh-CN")
        return found or self.site.language

    def _image(self, sheet: Sheet, page_url: str) -> Image | None:
        bundle = str(Path(self.file.absolute).parent) if self.is_bundle else None
        site = self.site
        found = find_image(sheet, page_url=page_url, bundle=bundle, site_url=site.url, static=site.static)
        return found or site.default_image

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


def _terms(sheet: Sheet, keys: Iterable[str]) -> tuple[str, ...]:
    terms: dict[str, None] = {}
    for key in map(fold_key, keys):
        _, value = sheet.first(key)
        if value is not None:
            terms |= dict.fromkeys(terms_of(value, sheet.warner(key)))
    return tuple(terms)


def _is_draft(sheet: Sheet) -> bool:
    """``draft``; or ``published: false``, as Jekyll has it. What is neither yes nor no is taken for a draft."""
    key, value = sheet.first("draft")
    is_draft = flag_of(value)
    if key and is_draft is None:
        sheet.warn(key, f"{quoted(value)} is neither true nor false; taken for a draft", "write true or false")
        return True
    return bool(is_draft) or flag_of(sheet.first("published")[1]) is False


def _is_flag(value: object) -> bool:
    return flag_of(value) is not None
