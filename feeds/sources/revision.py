"""What shapes the reading of a feed beside its bytes. A room of its own, since parse.py loads feedparser (0.17 s)."""

from __future__ import annotations

from importlib import metadata

#: Raise it whenever the same bytes give another result than before.
_REVISION = 1
#: A result that was stored under another context is stale.
CONTEXT = f"feedparser {metadata.version('feedparser')}, nh3 {metadata.version('nh3')}, rules {_REVISION}"
