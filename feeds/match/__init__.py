"""Where entries and articles meet: which article covers which entry, by what rule, how surely, and why."""

from __future__ import annotations

from feeds.match.matcher import Matcher
from feeds.match.sieve import near_dates
from feeds.match.values import Found, Piece, Rule, Standing, Story, piece_of, story_of_entry

__all__ = [
    "Found",
    "Matcher",
    "Piece",
    "Rule",
    "Standing",
    "Story",
    "near_dates",
    "piece_of",
    "story_of_entry",
]
