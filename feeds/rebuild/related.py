"""Find the feeds that have most in common with a feed: for its page, from its own articles alone.

What a page shows must change only when its feed does, so nothing counts but the newest articles that stand in the
feed: how many of them another feed holds, too, and how the newest of those spells it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from feeds.model import Scope
from feeds.publish.select import FeedSpec
from feeds.store.feed_rows import Window
from feeds.store.related_rows import spellings_of_articles, terms_of_feeds

#: In this order where as many articles are shared. Conditions of combined feeds ask for more than an article shows.
_SCOPES = (Scope.TOPIC, Scope.SOURCE, Scope.TAG)
#: More are no help in choosing.
_MOST = 8
#: Articles that are looked at: what a feed is about now. More would cost a run with one change a twentieth.
_NEWEST = 12


class Relations:
    """The feeds that the articles of some windows stand in; of all articles when there is no end of windows."""

    def __init__(self, connection: Connection, windows: Iterable[Window] | None, *, min_articles: int) -> None:
        ids = None if windows is None else {id_ for window in windows for id_ in _newest(window)}
        self._spellings = spellings_of_articles(connection, ids)
        feed_ids = None if ids is None else {id_ for feeds in self._spellings.values() for id_ in feeds}
        self._terms = {
            id_: term for id_, term in terms_of_feeds(connection, feed_ids).items() if Scope(term[1]) in _SCOPES
        }
        # A feed that shares so many articles has so many: it is published.
        self._least = min_articles

    def of(self, window: Window) -> tuple[FeedSpec, ...]:
        """The feeds that hold most of the window's articles, those first."""
        articles = [self._spellings[id_] for id_ in _newest(window) if id_ in self._spellings]
        counts = Counter(id_ for feeds in articles for id_ in feeds)
        counts.pop(window.feed_id, None)
        found = [(-count, id_) for id_, count in counts.items() if count >= self._least and id_ in self._terms]
        return tuple(self._spec(id_, articles) for _, id_ in sorted(found, key=self._rank)[:_MOST])

    def _rank(self, found: tuple[int, int]) -> tuple[int, int, str]:
        _, scope, key, _ = self._terms[found[1]]
        return found[0], _SCOPES.index(Scope(scope)), key

    def _spec(self, feed_id: int, articles: Sequence[dict[int, str]]) -> FeedSpec:
        edition, scope, key, slug = self._terms[feed_id]
        spelling = next(feeds[feed_id] for feeds in articles if feed_id in feeds)
        return FeedSpec(Scope(scope), key, spelling, slug, edition)


def _newest(window: Window) -> Sequence[int]:
    return window.article_ids[:_NEWEST]
