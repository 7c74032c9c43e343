"""Values of sources.yaml that nobody chose: what generators and ``feeds init`` write where they know nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

#: What ``feeds init`` writes where the site names no title, and no address.
TITLE, URL = "My site", "https://example.org/"
#: The line that ``feeds init`` writes then; whoever has written the address may leave it.
ASKS_FOR_URL = "write the address of your site below"

#: Titles that Hugo, Jekyll and Zola write into a new site.
_TITLES = frozenset({
    TITLE.lower(), "my new hugo site", "my new hugo project", "your awesome title", "my awesome site", "your title",
    "your site title", "your blog title", "your blog name", "your website", "my new site", "example site",
    "site title", "my blog title",
})  # fmt: skip
#: Hosts that belong to nobody (RFC 2606 §3), or stand for "yours".
_HOSTS = frozenset({"example.com", "example.net", "yoursite.com", "yourdomain.com", "your-domain.com", "your-site.com"})
_LOCAL_HOSTS = frozenset({"localhost", "0.0.0.0", "::1"})  # noqa: S104 (told, not listened at)

#: (key, why, what to do)
Remark = tuple[str, str, str]


def placeholders(title: str, url: str, *, is_asked: bool = False) -> Iterator[Remark]:
    """What of the title and address of a site stands for a value that is still to be written.

    ``https://example.org/`` is one beside such a title, or while the file still asks for the address
    (``is_asked``): samples, of which readers are to see what they would get, have a title of their own.
    """
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    is_unnamed = title.strip().lower() in _TITLES
    if is_unnamed:
        yield "site.title", f'"{title}" is a placeholder, and readers see it', "write the name of your site"
    if host in _LOCAL_HOSTS or host.startswith("127.") or host.endswith((".localhost", ".local")):
        yield "site.url", f'"{url}" is this computer, where no reader comes', "write the public address of your site"
    elif host in _HOSTS or ((is_unnamed or is_asked) and host == urlsplit(URL).hostname):
        yield "site.url", f'"{url}" is a placeholder, and every link leads there', "write the address of your site"
