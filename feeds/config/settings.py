"""Every option of sources.yaml: its key, type, default and help, in the shape of the file.

These structs are the one table of options: listing.py lists them for the README and as JSON Schema for editors,
scaffold.py for the file that ``feeds init`` writes, and the reader checks a file against them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

from feeds.config import kinds

FormatName: TypeAlias = Literal["rss", "atom", "json"]
ScopeName: TypeAlias = Literal["site", "tag", "topic", "source", "combined"]
EditorFeed: TypeAlias = Literal["gaps", "changes"]
GeneratorName: TypeAlias = Literal["auto", "none", "hugo", "jekyll", "hexo", "zola"]
Adopted: TypeAlias = Literal["none", "matched", "all"]
Audience: TypeAlias = Literal["private", "public"]
#: Folders that hold sections rather than being one: Hugo's own name for it, and the project itself.
_WHOLE_TREES = frozenset({"content", ".", ".."})


def _says(text: str, example: object = None) -> Meta:
    return Meta(description=text, examples=None if example is None else [example])


class Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mapping of sources.yaml. It prints none of its values: each may be a secret that came as ``${NAME}``."""

    def __repr__(self) -> str:
        """The name of the table."""
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Nothing more where Rich prints it, as in tracebacks."""
        return []


class Author(Table, frozen=True, kw_only=True):
    """A person."""

    name: Annotated[kinds.Line, _says("Name as readers see it.", "Jane Doe")]
    email: Annotated[kinds.Email | None, _says("E-mail address; it is published.", "name@example.org")] = None
    url: Annotated[kinds.Url | None, _says("Home page.", "https://example.org/about/")] = None


class Site(Table, frozen=True, kw_only=True):
    """The site that the articles belong to."""

    title: Annotated[
        kinds.Line, _says("Name of the site: the title of its feed, and the beginning of all others.", "My site")
    ]
    url: Annotated[
        kinds.SiteUrl, _says("Address of the front page; every link is made from it.", "https://example.org/")
    ]
    language: Annotated[
        kinds.Language | None,
        _says("Language of articles that name none (BCP 47). By default it is guessed from their text.", "en"),
    ] = None
    author: Annotated[
        kinds.Line | Author | None,
        _says("Author of articles that name none: a name, or {name, email, url}. By default the title.", "Jane Doe"),
    ] = None
    description: Annotated[
        kinds.Line | None, _says("One or two sentences about the site. By default the title.", "News for gardeners.")
    ] = None
    icon: Annotated[kinds.Link | None, _says("Square picture of the site, for feed readers.", "/favicon.png")] = None
    hub: Annotated[
        kinds.Url | None, _says("WebSub hub that tells readers of news at once.", "https://pubsubhubbub.appspot.com/")
    ] = None
    timezone: Annotated[kinds.Timezone, _says("Time zone of dates that name none (IANA).", "Asia/Shanghai")] = "UTC"


class Content(Table, frozen=True, kw_only=True):
    """A folder of articles."""

    path: Annotated[kinds.Folder, _says("Folder of Markdown files, relative to this file.", "content/posts")]
    url: Annotated[
        kinds.Permalink | None,
        _says(
            "Address of an article, relative to site.url, in the tokens of Hugo's permalinks. By default that of the "
            "site's generator, else /:sections/:slugorfilename/.",
            "/posts/:year/:slug/",
        ),
    ] = None
    section: Annotated[
        kinds.Word | None,
        _says(
            'Name of the section. By default the folder\'s last name; "" makes each folder in it a section.', "posts"
        ),
    ] = None
    glob: Annotated[
        kinds.Glob | None,
        _says("Which files of the folder are articles. By default those that the generator takes.", "**/*.md"),
    ] = None

    @property
    def section_name(self) -> str:
        """The section, given or taken from the folder; empty when each folder in it is a section."""
        if self.section is not None:
            return self.section
        name = self.path.rpartition("/")[2]
        return "" if name in _WHOLE_TREES else name


class Layout(Table, frozen=True, kw_only=True):
    """Where each kind of feed lives in the output folder; ``:slug`` is the slug of its term."""

    site: Annotated[kinds.SiteLayout, _says("Folder of the site's feeds.")] = ""
    tag: Annotated[kinds.TermLayout, _says("Folder of a tag's feeds.")] = "tags/:slug/"
    topic: Annotated[kinds.TermLayout, _says("Folder of a topic's feeds.")] = "topics/:slug/"
    source: Annotated[kinds.TermLayout, _says("Folder of a cited source's feeds.")] = "sources/:slug/"
    combined: Annotated[kinds.TermLayout, _says("Folder of a combined feed.")] = "feeds/:slug/"
    gaps: Annotated[kinds.SiteLayout, _says("Folder of the feed of entries that no article covers.")] = "coverage-gaps/"
    changes: Annotated[kinds.SiteLayout, _says("Folder of the feed of cited entries that changed.")] = "source-changes/"


class Entries(Table, frozen=True, kw_only=True):
    """Which entries of sources stand as items of their own among our articles."""

    site: Annotated[Adopted, _says("In the site's feeds: none, matched (those that articles cite or cover), all.")] = (
        "none"
    )
    tag: Annotated[Adopted, _says("In a tag's: those of its articles; all: of that category at their source, too.")] = (
        "none"
    )
    topic: Annotated[Adopted, _says("In a topic's: likewise.")] = "none"
    source: Annotated[
        Adopted, _says("In a source's: those that articles cite or cover; all: all that it publishes.")
    ] = "none"
    combined: Annotated[Adopted, _says("In a combined feed: those of its articles.")] = "none"


class Output(Table, frozen=True, kw_only=True):
    """What is written, and where."""

    path: Annotated[kinds.Folder, _says("Folder that receives the feeds, relative to this file.")] = "output"
    url: Annotated[
        kinds.SiteUrl | None,
        _says("Address at which that folder is served. By default site.url.", "https://example.org/"),
    ] = None
    limit: Annotated[int, Meta(ge=1, le=500), _says("How many articles one feed holds: the newest, always.")] = 30
    formats: Annotated[tuple[FormatName, ...], Meta(min_length=1), _says("Which documents each feed has.")] = (
        "rss",
        "atom",
        "json",
    )
    min_articles: Annotated[
        int, Meta(ge=1, le=10_000), _says("A tag, topic or source gets feeds from so many articles on.")
    ] = 1
    archives: Annotated[
        tuple[ScopeName, ...], _says("Which kinds of feeds have archive pages with their older articles (RFC 5005).")
    ] = ("site",)
    entries: Annotated[Entries, _says("Which entries of sources stand as items of their own among the articles.")] = (
        Entries()
    )
    editor: Annotated[
        tuple[EditorFeed, ...],
        _says("Feeds for the editor: gaps (entries that no article covers), changes (of cited entries)."),
    ] = ("gaps", "changes")
    layout: Annotated[Layout, _says("Where each kind of feed lives in the output folder.")] = Layout()


class FrontMatter(Table, frozen=True, kw_only=True):
    """Which keys of an article's front matter name its terms."""

    tags: Annotated[
        tuple[kinds.Line, ...] | None,
        _says("Keys whose values are tags. By default those of the generator, else tags.", ["tags"]),
    ] = None
    topics: Annotated[
        tuple[kinds.Line, ...] | None,
        _says("Keys whose values are topics. By default those of the generator, else main_topics.", ["main_topics"]),
    ] = None
    date: Annotated[
        tuple[kinds.Line, ...] | None,
        _says(
            "Keys that are asked for the date, in this order; also :filename, :git (last commit) and :fileModTime. "
            "By default those of the generator.",
            [":default", ":filename"],
        ),
    ] = None


class Topic(Table, frozen=True, kw_only=True):
    """One topic of the closed list."""

    name: Annotated[kinds.Line, _says("Name as readers see it.", "AI伦理与治理")]
    slug: Annotated[kinds.Slug | None, _says("Its part of the URL. By default made from the name.", "ethics")] = None
    aliases: Annotated[tuple[kinds.Line, ...], _says("Other names that mean the same topic.", ["AI Ethics"])] = ()


class Tags(Table, frozen=True, kw_only=True):
    """How tags are spelt."""

    aliases: Annotated[
        dict[kinds.Line, tuple[kinds.Line, ...]],
        _says("Names that mean the same tag: {Name: [other, …]}.", {"OpenAI": ["Open AI Inc"]}),
    ] = {}


class Auth(Table, frozen=True, kw_only=True):
    """A user name and a password (HTTP Basic)."""

    username: Annotated[kinds.SecretText, _says("User name.", "reader")]
    password: Annotated[kinds.SecretText, _says("Password.", "${FEED_PASSWORD}")]


class Source(Table, frozen=True, kw_only=True):
    """A source that the articles cite, and the feeds that it has."""

    name: Annotated[kinds.Line, _says("Name as articles cite it.", "Wired")]
    feed: Annotated[
        kinds.FeedUrl | tuple[kinds.Url, ...] | None,
        _says('URL of its feed, a list of them, or "none".', "https://www.wired.com/feed/rss"),
    ] = None
    feeds: Annotated[kinds.FeedUrl | tuple[kinds.Url, ...] | None, _says("The same as feed.")] = None
    site: Annotated[
        kinds.Url | None, _says("Its front page; pages of that host are cited from it.", "https://www.wired.com/")
    ] = None
    every: Annotated[kinds.Every, _says("How often to ask: adaptive, or a duration such as 30m, 1h or 2d.")] = (
        "adaptive"
    )
    aliases: Annotated[tuple[kinds.Line, ...], _says("Other names under which articles cite it.", ["连线"])] = ()
    headers: Annotated[
        dict[kinds.HeaderName, kinds.SecretText],
        _says("HTTP headers to send with each request.", {"Authorization": "Bearer ${TOKEN}"}),
    ] = {}
    auth: Annotated[Auth | None, _says("User name and password.")] = None
    allow_private: Annotated[bool, _says("Allow addresses of a private network or of this machine.")] = False

    @property
    def urls(self) -> tuple[str, ...]:
        """All its feeds; empty when it has none."""
        given = self.feed if self.feed is not None else self.feeds
        several = given if isinstance(given, tuple) else (given,)
        return tuple(url for url in several if url is not None and url != "none")


class Combined(Table, frozen=True, kw_only=True):
    """A feed of the articles that meet a condition."""

    name: Annotated[kinds.Line, _says("Title of the feed.", "Agents and ethics")]
    where: Annotated[
        kinds.Condition,
        _says(
            "Which articles: tag, topic, source, section, author, language or title; and, or, not.",
            "tag:Agent and topic:AI伦理与治理 not tag:广告",
        ),
    ]
    slug: Annotated[kinds.Slug | None, _says("Its part of the URL. By default made from the name.", "ethics")] = None
    description: Annotated[
        kinds.Line | None, _says("One or two sentences. By default the condition.", "How agents should behave.")
    ] = None


class Schedule(Table, frozen=True, kw_only=True):
    """When ``feeds daemon`` works; times are in site.timezone."""

    poll: Annotated[kinds.Poll, _says("When to ask the sources: adaptive (each in its own rhythm), or cron.")] = (
        "adaptive"
    )
    rebuild: Annotated[kinds.Rebuild, _says("When to rebuild: on-change, or cron.")] = "on-change"
    quiet_hours: Annotated[kinds.Hours | None, _says("Hours in which no source is asked.", "23:00-07:00")] = None


class Serve(Table, frozen=True, kw_only=True):
    """What ``feeds serve`` is to the world."""

    url: Annotated[
        kinds.SiteUrl | None,
        _says(
            "Public address of feeds serve; hubs of sources are asked to push to it. By default none is.",
            "https://feeds.example.org/",
        ),
    ] = None
    metrics: Annotated[
        Audience,
        _says("Who may read /metrics and /healthz: private (this machine and private networks) or public."),
    ] = "private"


class Notify(Table, frozen=True, kw_only=True):
    """Who hears when a source turns bad, or good again."""

    command: Annotated[
        kinds.Line | None,
        _says("Command of the shell; it gets FEEDS_EVENT, FEEDS_SOURCE, FEEDS_URL and FEEDS_REASON.", "notify-send"),
    ] = None
    webhook: Annotated[
        kinds.Url | None, _says("Address that gets it as JSON by POST.", "https://chat.example.org/hook")
    ] = None
    after: Annotated[int, Meta(ge=1, le=100), _says("A source is bad after so many failures in a row.")] = 3


class Pages(Table, frozen=True, kw_only=True):
    """Pages that people look at, beside the feeds."""

    public: Annotated[
        bool,
        _says(
            "Write index.html (the list of all feeds) and a page beside each feed. Turn it off where another program "
            "writes pages of its own into the output folder."
        ),
    ] = True
    editor: Annotated[
        kinds.Folder | None,
        _says("Folder of the editor's pages, audit.html and status.html. By default none: output is public.", "desk"),
    ] = None


class SourcesFile(Table, frozen=True, kw_only=True):
    """The whole file."""

    site: Annotated[Site, _says("The site that the articles belong to.")]
    generator: Annotated[
        GeneratorName,
        _says(
            "Whose rules the content follows: auto (what the folder shows), hugo, jekyll, hexo, zola or none. Its "
            "configuration is read at each run."
        ),
    ] = "auto"
    content: Annotated[
        tuple[Content, ...],
        Meta(min_length=1),
        _says("The folders of articles. By default those of the site's generator."),
    ] = ()
    static: Annotated[
        tuple[kinds.Folder, ...] | None,
        _says(
            "Folders of images and other files, served from the root of the site. By default those of the generator, "
            "else static.",
            ["static"],
        ),
    ] = None
    output: Annotated[Output, _says("What is written, and where.")] = Output()
    front_matter: Annotated[FrontMatter, _says("Which keys of an article's front matter name its terms.")] = (
        FrontMatter()
    )
    topics: Annotated[
        tuple[Topic, ...], _says("Closed list of topics. By default every topic that an article names.")
    ] = ()
    tags: Annotated[Tags, _says("How tags are spelt.")] = Tags()
    infer_terms: Annotated[
        bool | None,
        _says(
            "Find known tags and topics in the text of articles that name none. By default on a site without a "
            "generator: whose pages name their terms, names them all.",
            True,
        ),
    ] = None
    sources: Annotated[tuple[Source, ...], _says("The sources that the articles cite.")] = ()
    feeds: Annotated[tuple[Combined, ...], _says("Combined feeds: articles that meet a condition.")] = ()
    pages: Annotated[Pages, _says("Pages that people look at.")] = Pages()
    schedule: Annotated[Schedule, _says("When feeds daemon works.")] = Schedule()
    serve: Annotated[Serve, _says("What feeds serve is to the world.")] = Serve()
    notify: Annotated[Notify, _says("Who hears when a source turns bad, or good again.")] = Notify()
    state: Annotated[
        kinds.State, _says("Where feeds remembers: sqlite:///FILE relative to this file, or postgresql://….")
    ] = "sqlite:///.feeds/state.db"
