"""Where well-known sites keep their feeds. Data only; feed_rules.py applies it.

Hosts stand here without ``www.``; ``*.example.com`` means every host below example.com, not itself, and ``*`` any
host. "None" is an answer too: it spares a site that has no feed from being asked for one. A rule stands here only
for what a site documents or has served for years; where the address alone does not tell the feed, it says what would.
"""

from __future__ import annotations

from typing import NamedTuple


class FeedRule(NamedTuple):
    """Where pages of one shape have their feed. Templates know ``{host}`` and the path's groups as ``{0}`` ..."""

    #: Must match the beginning of path and query (``/watch?v=...``).
    path: str
    #: The feed; empty when there is none, or when the address does not tell which.
    feed: str
    #: One clause: why, or what is missing.
    why: str
    #: The publisher's own page on a host that many publishers share; empty where the whole site is one publisher.
    site: str = ""
    #: What finds the feed in a page; empty when no page would help.
    clue: Clue | None = None
    #: There is no feed to be had.
    is_none: bool = False


class Clue(NamedTuple):
    """What a page tells that its address does not."""

    #: Its first group fills ``feed``. It must not backtrack: it is searched for in whole pages.
    pattern: str
    #: Template of the feed.
    feed: str
    #: Template of the page to look into; empty for the publisher's own.
    page: str = ""


#: A name in a path, and where a part of a path ends.
_N = "([^/?]+)"
_END = "(?=[/?]|$)"
_VIDEOS = "https://www.youtube.com/feeds/videos.xml?"
_CHANNEL = Clue(
    r'(?:feeds/videos\.xml\?channel_id=|"externalId":"|itemprop="(?:channelId|identifier)" content=")(UC[\w-]{22})',
    _VIDEOS + "channel_id={0}",
)
_APPLE_DIRECTORY = Clue(r'"feedUrl":\s?"([^"\s]+)"', "{0}", "https://itunes.apple.com/lookup?id={0}&entity=podcast")
_SOUNDCLOUD = Clue(r"soundcloud:users:(\d+)", "https://feeds.soundcloud.com/users/soundcloud:users:{0}/sounds.rss")
_SUBSTACK = Clue(r"https://([\w-]+)\.substack\.com/feed", "https://{0}.substack.com/feed")
_ACASTS = "https://feeds.acast.com/public/shows/{0}"
_ARXIV = "https://rss.arxiv.org/rss/{0}"
_NYT = "https://rss.nytimes.com/services/xml/rss/nyt/"
_BBC = "https://feeds.bbci.co.uk/"
_BBC_NEWS = (
    FeedRule("/(?:zhongwen|ukchina)/trad", _BBC + "zhongwen/trad/rss.xml", "BBC 中文 (繁體)"),
    FeedRule("/(?:zhongwen|ukchina)", _BBC + "zhongwen/simp/rss.xml", "BBC 中文"),
    FeedRule("/news/(technology|business|health|world)", _BBC + "news/{0}/rss.xml", "BBC: the section's feed"),
    FeedRule("", _BBC + "news/rss.xml", "BBC: top stories"),
)
_MASTODON = FeedRule(rf"/@(\w+){_END}", "https://{host}/@{0}.rss", "Mastodon: an account's feed", "https://{host}/@{0}")
#: What GitHub keeps for itself where others have their name.
_GITHUB_OWN = (
    "about|apps|blog|codespaces|collections|contact|copilot|customer-stories|enterprise|events|explore|features|login"
    "|marketplace|models|orgs|pricing|readme|resources|search|security|settings|site|sponsors|team|topics|trending"
)
_UNKNOWN_CHANNEL = "YouTube: channel unknown (the address names only the video)"

#: Hosts with more than one feed or more than one publisher; the first rule that matches holds.
RULES: dict[str, tuple[FeedRule, ...]] = {
    # video and audio
    "youtube.com": (
        FeedRule(
            r"/feeds/videos\.xml\?channel_id=([\w-]+)|/channel/(UC[\w-]{22})",
            _VIDEOS + "channel_id={0}{1}",
            "YouTube: the channel's feed",
            "https://www.youtube.com/channel/{0}{1}",
        ),
        FeedRule(
            r"/(?:feeds/videos\.xml\?playlist_id|playlist\?(?:[^=]+=[^&]*&)*list)=([\w-]+)",
            _VIDEOS + "playlist_id={0}",
            "YouTube: the playlist's feed",
            "https://www.youtube.com/playlist?list={0}",
        ),
        FeedRule(
            rf"/(?:feeds/videos\.xml\?user=|user/){_N}",
            _VIDEOS + "user={0}",
            "YouTube: the channel's feed, by its old user name",
            "https://www.youtube.com/user/{0}",
        ),
        FeedRule(
            r"/(@[^/?]+|c/[^/?]+)",
            "",
            "YouTube: only the channel's page tells its id",
            "https://www.youtube.com/{0}",
            _CHANNEL,
        ),
        FeedRule("/(?:watch|shorts/|live/|embed/)", "", _UNKNOWN_CHANNEL, clue=_CHANNEL),
    ),
    "youtu.be": (FeedRule("", "", _UNKNOWN_CHANNEL, "https://www.youtube.com/", _CHANNEL),),
    "podcasts.apple.com itunes.apple.com": (
        FeedRule(
            r"/(?:[^/?]+/)*id(\d+)",
            "",
            "Apple Podcasts: its directory tells the show's own feed",
            "https://podcasts.apple.com/podcast/id{0}",
            _APPLE_DIRECTORY,
        ),
    ),
    "shows.acast.com play.acast.com embed.acast.com": (
        FeedRule(f"/(?:s/)?{_N}", _ACASTS, "Acast: the show's feed", "https://shows.acast.com/{0}"),
    ),
    "feeds.acast.com": (
        FeedRule(f"/public/shows/{_N}", _ACASTS, "Acast: the show's feed", "https://shows.acast.com/{0}"),
    ),
    "soundcloud.com": (
        FeedRule(f"/{_N}", "", "SoundCloud: only the page tells the number", "https://soundcloud.com/{0}", _SOUNDCLOUD),
    ),
    "vimeo.com": (
        FeedRule(
            rf"/([a-z]\w*){_END}", "https://vimeo.com/{0}/videos/rss", "Vimeo: a user's feed", "https://vimeo.com/{0}"
        ),
    ),
    "ximalaya.com": (
        FeedRule(
            r"/(?:\w+/)?album/(\d+)",
            "https://www.ximalaya.com/album/{0}.xml",
            "喜马拉雅: the album's feed",
            "https://www.ximalaya.com/album/{0}",
        ),
    ),
    # accounts
    "mp.weixin.qq.com": (
        FeedRule("", "", "WeChat (微信公众号) offers no feeds", "https://mp.weixin.qq.com/", is_none=True),
    ),
    "bsky.app": (
        FeedRule(
            f"/profile/{_N}",
            "https://bsky.app/profile/{0}/rss",
            "Bluesky: a profile's feed",
            "https://bsky.app/profile/{0}",
        ),
    ),
    "mastodon.social mastodon.online mstdn.social mas.to hachyderm.io fosstodon.org infosec.exchange": (_MASTODON,),
    "techhub.social sigmoid.social mathstodon.xyz chaos.social social.coop": (_MASTODON,),
    "reddit.com": (
        FeedRule(
            f"/r/{_N}", "https://www.reddit.com/r/{0}/.rss", "Reddit: the group's feed", "https://www.reddit.com/r/{0}/"
        ),
        FeedRule(
            f"/u(?:ser)?/{_N}",
            "https://www.reddit.com/user/{0}/.rss",
            "Reddit: the user's feed",
            "https://www.reddit.com/user/{0}/",
        ),
    ),
    # blogs of many people on one host
    "open.substack.com": (
        FeedRule(
            r"/pub/([\w-]+)",
            "https://{0}.substack.com/feed",
            "Substack: the publication's feed",
            "https://{0}.substack.com/",
        ),
    ),
    "substack.com": (
        FeedRule(
            r"/(@[\w.-]+)",
            "",
            "Substack: only the profile names the publication",
            "https://substack.com/{0}",
            _SUBSTACK,
        ),
    ),
    "*.substack.com": (FeedRule("", "https://{host}/feed", "Substack: the publication's feed", "https://{host}/"),),
    "medium.com": (
        FeedRule(f"/(?:p|m|tag|topic|search|me){_END}", "", "Medium: the address does not name the author"),
        FeedRule(
            f"/(?:feed/)?{_N}",
            "https://medium.com/feed/{0}",
            "Medium: the author's or publication's feed",
            "https://medium.com/{0}",
        ),
    ),
    "*.medium.com": (FeedRule("", "https://{host}/feed", "Medium: the publication's feed", "https://{host}/"),),
    "tumblr.com": (
        FeedRule(
            r"/(?:blog/view/)?([\w-]+)/\d",
            "https://{0}.tumblr.com/rss",
            "Tumblr: the blog's feed",
            "https://{0}.tumblr.com/",
        ),
    ),
    "*.tumblr.com": (FeedRule("", "https://{host}/rss", "Tumblr: the blog's feed", "https://{host}/"),),
    "*.wordpress.com": (FeedRule("", "https://{host}/feed/", "WordPress: the blog's feed", "https://{host}/"),),
    "*.ghost.io": (FeedRule("", "https://{host}/rss/", "Ghost: the blog's feed", "https://{host}/"),),
    "*.blogspot.com": (
        FeedRule("", "https://{host}/feeds/posts/default", "Blogger: the blog's feed", "https://{host}/"),
    ),
    "*.googleblog.com": (
        FeedRule("", "https://{host}/feeds/posts/default", "Google: the blog's feed", "https://{host}/"),
    ),
    "*.hashnode.dev": (FeedRule("", "https://{host}/rss.xml", "Hashnode: the blog's feed", "https://{host}/"),),
    "*.bearblog.dev": (FeedRule("", "https://{host}/feed/", "Bear: the blog's feed", "https://{host}/"),),
    "*.livejournal.com": (FeedRule("", "https://{host}/data/atom", "LiveJournal: the journal", "https://{host}/"),),
    "dev.to": (FeedRule(f"/{_N}", "https://dev.to/feed/{0}", "DEV: the author's feed", "https://dev.to/{0}"),),
    "blog.csdn.net": (
        FeedRule(
            f"/{_N}", "https://blog.csdn.net/{0}/rss/list", "CSDN: the author's feed", "https://blog.csdn.net/{0}"
        ),
    ),
    "cnblogs.com": (
        FeedRule(
            f"/{_N}", "https://www.cnblogs.com/{0}/rss", "博客园: the author's feed", "https://www.cnblogs.com/{0}"
        ),
    ),
    # code, papers, questions
    "github.com": (
        FeedRule(f"/(?:{_GITHUB_OWN}){_END}", "https://github.blog/feed/", "GitHub: its own blog"),
        FeedRule(
            f"/{_N}/{_N}/commits/{_N}",
            "https://github.com/{0}/{1}/commits/{2}.atom",
            "GitHub: the commits of the branch",
            "https://github.com/{0}",
        ),
        FeedRule(
            f"/{_N}/{_N}/commits",
            "https://github.com/{0}/{1}/commits.atom",
            "GitHub: the project's commits",
            "https://github.com/{0}",
        ),
        FeedRule(
            f"/{_N}/{_N}",
            "https://github.com/{0}/{1}/releases.atom",
            "GitHub: the project's releases",
            "https://github.com/{0}",
        ),
        FeedRule(
            rf"/([^/?]+?)(?:\.atom)?{_END}",
            "https://github.com/{0}.atom",
            "GitHub: what the user does in public",
            "https://github.com/{0}",
        ),
    ),
    "gitlab.com": (
        FeedRule(
            r"/([^/?]+(?:/(?!-/)[^/?]+)+)",
            "https://gitlab.com/{0}/-/releases.atom",
            "GitLab: the project's releases",
            "https://gitlab.com/{0}",
        ),
        FeedRule(
            f"/{_N}", "https://gitlab.com/{0}.atom", "GitLab: what the user does in public", "https://gitlab.com/{0}"
        ),
    ),
    "arxiv.org rss.arxiv.org export.arxiv.org": (
        FeedRule(r"/(?:list|rss|atom|archive)/([a-z-]+(?:\.[A-Za-z-]+)?)", _ARXIV, "arXiv: the category's new papers"),
        FeedRule("", "", "arXiv: a paper's address does not tell its category (https://rss.arxiv.org/rss/CATEGORY)"),
    ),
    "stackoverflow.com": (
        FeedRule(
            f"/questions/tagged/{_N}", "https://stackoverflow.com/feeds/tag/{0}", "Stack Overflow: the tag's feed"
        ),
        FeedRule("", "", "Stack Overflow: a question belongs to no one feed"),
    ),
    "nature.com": (
        FeedRule(r"/(?:articles/[sd]41586-|nature(?:\.rss|/)|$)", "https://www.nature.com/nature.rss", "Nature itself"),
        FeedRule(
            r"/(?:articles/s42256-|natmachintell)", "https://www.nature.com/natmachintell.rss", "Nature Machine Intell."
        ),
        FeedRule(r"/(?:articles/s41587-|nbt)", "https://www.nature.com/nbt.rss", "Nature Biotechnology"),
        FeedRule(r"/(?:articles/s41591-|nm/)", "https://www.nature.com/nm.rss", "Nature Medicine"),
        FeedRule(r"/(?:articles/s41467-|ncomms)", "https://www.nature.com/ncomms.rss", "Nature Communications"),
        FeedRule(r"/(?:articles/s41598-|srep)", "https://www.nature.com/srep.rss", "Scientific Reports"),
        FeedRule("", "", "Nature: each journal has its own feed (https://www.nature.com/JOURNAL.rss)"),
    ),
    # companies
    "blog.google": (
        FeedRule(r"/(technology/[\w-]+)/", "https://blog.google/{0}/rss/", "Google: the section of its blog"),
        FeedRule("", "https://blog.google/rss/", "Google: its blog"),
    ),
    "devblogs.microsoft.com": (
        FeedRule(f"/{_N}", "https://devblogs.microsoft.com/{0}/feed/", "Microsoft: the team's blog"),
    ),
    "microsoft.com": (
        FeedRule(
            r"/(?:[a-z-]{5}/)?research",
            "https://www.microsoft.com/en-us/research/feed/",
            "Microsoft Research: its feed",
        ),
        FeedRule("", "https://blogs.microsoft.com/feed/", "Microsoft: its official blog"),
    ),
    "aws.amazon.com": (
        FeedRule(
            rf"/(?:[a-z]{{2}}/)?blogs/{_N}", "https://aws.amazon.com/blogs/{0}/feed/", "Amazon AWS: the team's blog"
        ),
        FeedRule("", "https://aws.amazon.com/blogs/aws/feed/", "Amazon AWS: its news blog"),
    ),
    # news
    "wired.com": (
        FeedRule(
            r"/(?:feed/)?(category|tag)/((?:(?!latest)[\w-]+/)*(?!latest)[\w-]+)",
            "https://www.wired.com/feed/{0}/{1}/latest/rss",
            "Wired: the section's feed",
        ),
        FeedRule("", "https://www.wired.com/feed/rss", "Wired: all its stories"),
    ),
    "techcrunch.com": (
        FeedRule(rf"/(category|tag)/{_N}", "https://techcrunch.com/{0}/{1}/feed/", "TechCrunch: the section's feed"),
        FeedRule("", "https://techcrunch.com/feed/", "TechCrunch: all its stories"),
    ),
    "theverge.com": (
        FeedRule(
            "/(?:rss/)?(ai-artificial-intelligence|tech|science|policy|reviews|entertainment|games)(?:/index.xml)?/?$",
            "https://www.theverge.com/rss/{0}/index.xml",
            "The Verge: the section's feed",
        ),
        FeedRule("", "https://www.theverge.com/rss/index.xml", "The Verge: all its stories"),
    ),
    "theguardian.com": (
        FeedRule(r"/([a-z-]+)/", "https://www.theguardian.com/{0}/rss", "The Guardian: the section's feed"),
        FeedRule("", "https://www.theguardian.com/international/rss", "The Guardian: its front page"),
    ),
    "bbc.com bbc.co.uk": _BBC_NEWS,
    "nytimes.com": (
        FeedRule(r"/\d{4}/\d\d/\d\d/technology/", _NYT + "Technology.xml", "The New York Times: technology"),
        FeedRule(r"/\d{4}/\d\d/\d\d/business/", _NYT + "Business.xml", "The New York Times: business"),
        FeedRule("", _NYT + "HomePage.xml", "The New York Times: its front page"),
    ),
    "bloomberg.com": (
        FeedRule(
            "/(?:news/)?(technology|markets|politics)",
            "https://feeds.bloomberg.com/{0}/news.rss",
            "Bloomberg: the section",
        ),
        FeedRule("", "https://feeds.bloomberg.com/technology/news.rss", "Bloomberg: technology"),
    ),
    "*": (
        FeedRule(r"/@(\w+)/\d{15,}$", "https://{host}/@{0}.rss", "Mastodon: an account's feed", "https://{host}/@{0}"),
    ),
}
