"""Find the feeds of the sites that the articles cite: by known rules, else by a look at the site itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, MutableMapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from feeds.model import Citation, SourceSpec
from feeds.polled import Failed, FailureKind, FeedRequest, Fetched, Outcome
from feeds.sources.announced import Announced, authority, is_feed, read_page
from feeds.sources.feed_rules import KnownFeed, known_feed
from feeds.sources.robots import Robots, read_robots, robots_url
from feeds.urls import canonical, clean_url, host_of

if TYPE_CHECKING:
    from tldextract import TLDExtract

Fetch = Callable[[FeedRequest], Outcome]


class How(StrEnum):
    """How the answer for a host was found. The value is the word in tables and in ``--json``."""

    CONFIGURED = "configured"
    KNOWN_RULE = "known rule"
    #: It is known that there is none.
    NONE_KNOWN = "none known"
    #: The host has feeds, but the cited addresses do not tell which.
    NOT_TOLD = "not told"
    AUTODISCOVERY = "autodiscovery"
    #: An ordinary link on the page leads to it.
    LINKED = "linked"
    COMMON_PATH = "common path"
    NO_FEED = "no feed"
    #: robots.txt forbids the look.
    FORBIDDEN = "forbidden"
    UNREACHABLE = "unreachable"


class CitedHost(Struct, frozen=True, kw_only=True):
    """A publisher as the citations show it: a site, or one of the many on a shared host."""

    #: Registrable domain, or the part of the address that names the publisher: ``medium.com/@alice``.
    host: str
    #: How many citations lead there.
    citations: int
    #: What the articles call it most often; else ``host``.
    name: str
    #: Its front page.
    site: str
    #: (page, how many citations lead to it), most cited first.
    pages: tuple[tuple[str, int], ...] = ()
    #: The source of sources.yaml that it is, if any.
    source: SourceSpec | None = None


class Discovery(Struct, frozen=True, kw_only=True):
    """What was found out about the feeds of a cited host."""

    host: str
    citations: int
    name: str
    site: str
    #: The best first; empty when there is none, or none was found.
    feeds: tuple[str, ...] = ()
    how: How
    #: One sentence for a person.
    said: str
    #: The answer that confirmed the first feed: the first poll need not ask again.
    first: Fetched | None = None

    @property
    def is_settled(self) -> bool:
        """Whether sources.yaml can say it: these feeds, or none; not what could not be told or looked at."""
        return bool(self.feeds) or self.how in {How.NONE_KNOWN, How.NO_FEED}


# -- ranking ---------------------------------------------------------------------------------------------------------


def rank_hosts(citations: Iterable[Citation], *, configured: Sequence[SourceSpec] = ()) -> list[CitedHost]:
    """Group citations that have an address by their publisher, most cited first."""
    groups: dict[str, list[Citation]] = defaultdict(list)
    sites: dict[str, str] = {}
    for citation in citations:
        host, site = _publisher(citation.url or "")
        if host:
            groups[host].append(citation)
            sites[host] = site
    sources = _by_publisher(configured)
    hosts = [_cited(host, group, sites[host], sources.get(host)) for host, group in groups.items()]
    return sorted(hosts, key=lambda cited: (-cited.citations, cited.host))


def coverage(hosts: Iterable[CitedHost], chosen: Collection[str]) -> int:
    """Count the citations that lead to the chosen hosts."""
    return sum(cited.citations for cited in hosts if cited.host in chosen)


@lru_cache(maxsize=65536)
def _publisher(url: str) -> tuple[str, str]:
    """Name the publisher of a page and, on a shared host, its front page; ("", "") of what is no address."""
    bare = host_of(canonical(url)) if url else ""
    if not bare:
        return "", ""
    known = known_feed(url)
    if known is not None and known.site:
        parts = urlsplit(known.site)
        return f"{host_of(known.site)}{parts.path}{parts.query and '?'}{parts.query}".rstrip("/"), known.site
    return _domain(bare), ""


@lru_cache(maxsize=65536)
def _domain(host: str) -> str:
    return _suffixes().extract_str(host).top_domain_under_public_suffix or host


@lru_cache(maxsize=1)
def _suffixes() -> TLDExtract:
    """The list that comes with the library; private suffixes count: each blog on github.io is somebody else's."""
    from tldextract import TLDExtract  # noqa: PLC0415 - 0.2 s, and only discovery needs it

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def _by_publisher(configured: Sequence[SourceSpec]) -> dict[str, SourceSpec]:
    found: dict[str, SourceSpec] = {}
    for spec in configured:
        for url in (spec.site,) if spec.site else spec.feeds:
            found.setdefault(_publisher(url)[0], spec)
    return found


def _cited(host: str, group: Sequence[Citation], site: str, source: SourceSpec | None) -> CitedHost:
    pages = Counter(citation.key or canonical(citation.url or "") for citation in group)
    as_written = {citation.key or canonical(citation.url or ""): citation.url or "" for citation in reversed(group)}
    return CitedHost(
        host=host,
        citations=len(group),
        name=source.name if source else _name(group) or host,
        site=site or (source.site if source and source.site else _front_page(host, group)),
        pages=tuple((as_written[key], count) for key, count in pages.most_common()),
        source=source,
    )


#: A name that fewer than this part of the articles use is one of many that publish there.
_LEAST_AGREED = 0.4


def _name(group: Sequence[Citation]) -> str:
    """What the articles call the publisher most often, in its most frequent spelling; "" when they do not agree."""
    claims = Counter(" ".join(citation.publisher.split()) for citation in group if citation.publisher)
    folded: Counter[str] = Counter()
    for claim, count in claims.items():
        folded[claim.casefold()] += count
    name = max(claims, key=lambda claim: (folded[claim.casefold()], claims[claim]), default="")
    return name if folded[name.casefold()] >= _LEAST_AGREED * claims.total() else ""


def _front_page(domain: str, group: Sequence[Citation]) -> str:
    """The domain's own page as it is cited; where all citations name one part of the domain, that part's."""
    written = Counter(map(_written_host, group))
    own = [host for host, _ in written.most_common() if host.removeprefix("www.") == domain]
    host = own[0] if own else next(iter(written)) if len(written) == 1 else domain
    is_secure = any((citation.url or "").lower().startswith("https:") for citation in group)
    return f"{'https' if is_secure else 'http'}://{host}/"


def _written_host(citation: Citation) -> str:
    """With ``www.`` if it is so written; without what only dresses the page for a phone."""
    url = citation.url or ""
    bare = host_of(citation.key or canonical(url))
    written = urlsplit(clean_url(url) or "").hostname or ""
    return written if written.removeprefix("www.") == bare else bare


# -- without the network ---------------------------------------------------------------------------------------------

#: A feed is proposed when it stands for this part of the citations that a rule knows, and no more than three are.
_LEAST_SHARE = 0.2
_MOST_FEEDS = 3


def known_feeds(host: CitedHost) -> Discovery | None:
    """Answer from sources.yaml and the tables; None when only a look at the site can tell."""
    if host.source is not None:
        feeds = host.source.feeds
        return _answer(host, How.CONFIGURED, f'is the source "{host.source.name}" of sources.yaml', feeds)
    known = [(known_feed(page), count) for page, count in host.pages]
    weights: Counter[KnownFeed] = Counter()
    for found, count in known:
        if found is not None:
            weights[found] += count
    if weights.total() * 2 < host.citations:
        return None
    return _from_tables(host, weights)


def _from_tables(host: CitedHost, weights: Counter[KnownFeed]) -> Discovery:
    feeds: Counter[str] = Counter()
    for known, count in weights.items():
        if known.feed:
            feeds[known.feed] += count
    enough = [feed for feed, count in feeds.most_common(_MOST_FEEDS) if count >= weights.total() * _LEAST_SHARE]
    if enough:
        why = next(known.why for known in weights if known.feed == enough[0])
        return _answer(host, How.KNOWN_RULE, why, enough)
    chief = max((known for known in weights if not known.feed), key=lambda known: weights[known])
    return _answer(host, How.NONE_KNOWN if chief.is_none else How.NOT_TOLD, chief.why)


def _answer(host: CitedHost, how: How, said: str, feeds: Iterable[str] = ()) -> Discovery:
    return Discovery(
        host=host.host,
        citations=host.citations,
        name=host.name,
        site=host.site,
        feeds=tuple(feeds),
        how=how,
        said=said,
    )


# -- with the network ------------------------------------------------------------------------------------------------

#: Requests for one host, robots.txt included.
MOST_REQUESTS = 3
#: Where most sites have their feed when they say nothing: WordPress and its like; then the generators of static sites.
_COMMON_PATHS = ("/feed/", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/feed.json")
#: After these a site is not asked for anything else.
_LEAVE_ALONE = frozenset({FailureKind.RATE_LIMITED, FailureKind.CHALLENGE, FailureKind.BLOCKED, FailureKind.TLS})


def find_feeds(host: CitedHost, *, fetch: Fetch, robots: MutableMapping[str, Robots | None] | None = None) -> Discovery:
    """Answer by what is known, else by a look at the site: robots.txt, its page, one likely feed; never more.

    A feed that the site announces is believed even where it is not opened: on another host, or where robots.txt
    keeps programs away that only look around.

    Args:
        host: Whose feed is wanted.
        fetch: Makes one request; the pause between two requests to one site is its business.
        robots: What was read of robots.txt so far, by site; it is filled, so that each is read once in a run.
    """
    known = known_feeds(host)
    if known is not None and known.how is not How.NOT_TOLD:
        return known
    visit = _Visit(fetch, {} if robots is None else robots)
    if known is None:
        return _look_around(host, visit)
    told = {found for page, _ in host.pages if (found := known_feed(page)) is not None and found.page}
    return _look_up(host, visit, told.pop(), known) if len(told) == 1 else known


class _Visit:
    """The few requests that one host is asked."""

    def __init__(self, fetch: Fetch, robots: MutableMapping[str, Robots | None]) -> None:
        self._fetch = fetch
        self._robots = robots
        self.left = MOST_REQUESTS

    def get(self, url: str) -> Outcome:
        self.left -= 1
        return self._fetch(FeedRequest(url=url))

    def allows(self, url: str) -> bool | None:
        """Whether robots.txt lets us open the page; None when it could not be read, so that nothing may be."""
        site = authority(url)
        if site not in self._robots:
            self._robots[site] = read_robots(self.get(robots_url(url)))
        rules = self._robots[site]
        return None if rules is None else rules.allows(url)

    def open(self, url: str) -> Fetched | tuple[How, str]:
        """The page, or why there is none."""
        allowed = self.allows(url)
        if allowed is None:
            return How.UNREACHABLE, f"its robots.txt cannot be read, so {url} was not opened"
        if not allowed:
            return How.FORBIDDEN, f"robots.txt forbids programs to open {url}"
        outcome = self.get(url)
        if isinstance(outcome, Fetched):
            return outcome
        return How.UNREACHABLE, outcome.sentence if isinstance(outcome, Failed) else f"{url} did not come"


def _look_up(host: CitedHost, visit: _Visit, told: KnownFeed, known: Discovery) -> Discovery:
    """Read the feed from the page that tells it."""
    page = visit.open(told.page)
    if not isinstance(page, Fetched):
        return _answer(host, *page)
    feed = told.found_in(page.body.decode("utf-8", "replace"))
    if feed is None:
        return replace(known, said=f"{known.said}; {told.page} did not tell it")
    return _confirmed(host, visit, feed, How.AUTODISCOVERY, page.url) or known


def _look_around(host: CitedHost, visit: _Visit) -> Discovery:
    page = visit.open(host.site)
    if not isinstance(page, Fetched):
        return _answer(host, *page)
    if is_feed(page.body):
        return replace(_answer(host, How.AUTODISCOVERY, "is a feed itself", [page.url]), first=page)
    announced = read_page(page.body, page.url, page.content_type)
    for how, feed in _candidates(announced, page.url):
        found = _confirmed(host, visit, feed, how, page.url)
        if found is not None:
            return found
    return _answer(host, How.NO_FEED, f"{page.url} announces no feed, and none was found where most sites keep it")


def _candidates(announced: Announced, page: str) -> list[tuple[How, str]]:
    guesses = [announced.path] if announced.path else _COMMON_PATHS
    return [
        *((How.AUTODISCOVERY, feed) for feed in announced.feeds),
        *((How.LINKED, feed) for feed in announced.links),
        *((How.COMMON_PATH, urljoin(page, path)) for path in guesses),
    ]


_SAID = {
    How.AUTODISCOVERY: "its page names the feed",
    How.LINKED: "its page links to the feed",
    How.COMMON_PATH: "the feed is where most sites keep it",
}


def _confirmed(host: CitedHost, visit: _Visit, feed: str, how: How, page: str) -> Discovery | None:
    """The feed, once it has been opened; one that the site announces, but that may not be opened, as announced."""
    found = _answer(host, how, _SAID[how], [feed])
    if authority(feed) != authority(page):
        is_open, why = False, "it is on another host"
    else:
        is_open, why = visit.allows(feed) is True, "robots.txt keeps programs away that look around"
    if not is_open:
        return replace(found, said=f"{found.said}; not opened: {why}") if how is How.AUTODISCOVERY else None
    if not visit.left:
        return None
    outcome = visit.get(feed)
    return replace(found, first=outcome) if isinstance(outcome, Fetched) and is_feed(outcome.body) else None
