"""Know single sites: which paths and parameters name one page there, and which addresses hold another one.

Data only; urls.py applies it. Tables are keyed as those of urlrules.py are, and the same holds of them: a rule stands
here only when the site itself treats both spellings as one page.
"""

from __future__ import annotations

from typing import NamedTuple

from feeds.urlrules import by_host

#: Parameters that turn the pages of a long story or thread; all but ``page=1`` show another part of it.
PAGINATION = ("page", "p")


class Route(NamedTuple):
    """How one kind of page is named: a path, and the parameters that tell one page from another."""

    #: Must match the whole path: percent-encoded, without trailing slash, index.html and AMP marks.
    path: str
    #: The key, with the path's groups as ``{0}`` ...; a leading ``/`` means: on the same host. One with a query of its
    #: own takes no other parameters.
    key: str
    #: Parameters that are part of the key. When one is absent or empty, the route does not apply.
    keep: tuple[str, ...] = ()
    #: Parameters that are part of the key when they are there; None: all are. The others are dropped.
    also: tuple[str, ...] | None = PAGINATION


class Wrapper(NamedTuple):
    """A page that only leads to another one, whose address it carries."""

    #: Must match the whole path: percent-encoded, without trailing slash and index.html, with AMP marks.
    path: str
    #: Parameters that may hold the target, in order of preference.
    params: tuple[str, ...] = ()
    #: The target, with the path's groups, when no parameter holds it.
    target: str = ""
    #: What stands before what the parameter holds; the target gets the other parameters too.
    before: str = ""
    #: The target is hidden in URL-safe base64.
    base64: bool = False


#: Where letter case does not matter: the beginning of the path that may be folded.
FOLDED = by_host(
    {
        "doi.org": r"/(?:[Dd][Oo][Ii]:)?10\..+",
        "github.com": r"/[^/]+(?:/[^/]+)?",
        "instagram.com": r"/(?!p/|reels?/|tv/)[^/]+$",
        "open.substack.com": r"/pub/[^/]+",
        "reddit.com": r"/(?:r|u|user)/[^/]+",
        "x.com": r"/\w{1,15}$",
        "youtube.com": r"/@[^/]+",
    }
)

#: Where a fragment without ``/`` or ``!`` chooses the page: the part of it that does.
FRAGMENTS = by_host(
    {
        "docs.google.com": r"gid=\d+",  # a sheet of a table
        "typescriptlang.org": r"code/.+",
        "web.telegram.org": r".+",
    }
)

_ARXIV = r"/(?:abs|pdf|html|format)/(?:[Aa]r[Xx]iv:)?"
_DOI = r"/(?:doi:)?10\."
_NETEASE = "https://163.com/dy/article/{0}.html"
_SINA_POST = "https://cj.sina.com.cn/articles/view/{0}/{1}"
_YOUTUBE = "https://youtube.com/watch?v={0}"
_ZHIHU_ANSWER = "https://zhihu.com/answer/{0}"
_SAME_PATH = "{0}"

#: Pages that have an identifier; the first route that fits gives the key.
ROUTES: dict[str, tuple[Route, ...]] = by_host(
    {
        # video and sound
        "youtube.com music.youtube.com gaming.youtube.com youtube-nocookie.com": (
            Route(r"/{1,2}watch", "https://youtube.com/watch", ("v",), also=()),
            # Both exceptions have eleven letters, as an id has; their page is told by list= and channel=.
            Route(r"/(?:embed|shorts|live|v|e)/(?!videoseries|live_stream)([\w-]{11})", _YOUTUBE, also=()),
            Route(r"/playlist", "/playlist", ("list",), also=()),
        ),
        "youtu.be": (Route(r"/([\w-]{11})", _YOUTUBE, also=()),),
        "bilibili.com": (
            Route(r"(/(?:video/(?:BV\w{10}|av\d+)|bangumi/play/[a-z]{2}\d+|read/cv\d+|opus/\d+))", _SAME_PATH),
        ),
        "b23.tv": (Route(r"/(BV\w{10})", "https://bilibili.com/video/{0}"),),
        "vimeo.com": (Route(r"(/\d+)", _SAME_PATH),),
        "player.vimeo.com": (Route(r"/video/(\d+)", "https://vimeo.com/{0}"),),
        "open.spotify.com": (
            Route(r"(?:/intl-[a-z-]+)?(?:/embed)?/(episode|show|track|album|playlist)/(\w{22})", "/{0}/{1}"),
        ),
        "podcasts.apple.com embed.podcasts.apple.com itunes.apple.com": (
            Route(r"(/[a-z]{2})/podcast/(?:[^/]+/)?(id\d+)", "https://podcasts.apple.com{0}/podcast/{1}", also=("i",)),
        ),
        "xiaoyuzhoufm.com": (Route(r"(/(?:episode|podcast)/\w+)", _SAME_PATH),),
        "tiktok.com": (Route(r"(/@[^/]+/video/\d+)", _SAME_PATH),),
        "douyin.com": (Route(r"(/video/\d+)", _SAME_PATH),),
        "iesdouyin.com": (Route(r"/share/video/(\d+)", "https://douyin.com/video/{0}"),),
        # papers and code
        # ar5iv shows arXiv's papers as HTML, under their numbers.
        "arxiv.org export.arxiv.org browse.arxiv.org ar5iv.org ar5iv.labs.arxiv.org": (
            Route(_ARXIV + r"(\d{4}\.\d{4,5})(?:v\d+)?(?:\.pdf)?", "https://arxiv.org/abs/{0}"),
            # math.GT/0309136 and math/0309136 are one paper: the subject class is not part of the id.
            Route(_ARXIV + r"([a-z-]+)(?:\.[A-Z]{2})?/(\d{7})(?:v\d+)?(?:\.pdf)?", "https://arxiv.org/abs/{0}/{1}"),
        ),
        "doi.org": (
            Route(_DOI + r"48550(?:/|%2F)arxiv\.(\d{4}\.\d{4,5})(?:v\d+)?", "https://arxiv.org/abs/{0}"),
            Route(_DOI + r"([^/%]+)(?:/|%2F)(.+)", "/10.{0}/{1}"),
            Route(_DOI + r"(.+)", "/10.{0}"),
        ),
        "ssrn.com": (Route(r"/abstract=(\d+)", "https://papers.ssrn.com/sol3/papers.cfm?abstract_id={0}", also=()),),
        "papers.ssrn.com": (Route(r"/sol3/papers\.cfm", "/sol3/papers.cfm", ("abstract_id",), also=()),),
        "pubmed.ncbi.nlm.nih.gov": (Route(r"(/\d+)", _SAME_PATH),),
        "ncbi.nlm.nih.gov": (
            Route(r"/pubmed/(\d+)", "https://pubmed.ncbi.nlm.nih.gov/{0}"),
            Route(r"/pmc(/articles/PMC\d+)", "https://pmc.ncbi.nlm.nih.gov{0}"),
        ),
        "github.com gitlab.com gitee.com codeberg.org bitbucket.org gitcode.com": (
            Route(r"(/[^/]+/[^/]+?)(?:\.git)+", _SAME_PATH),
        ),
        "gist.github.com": (Route(r"(?:/[^/]+)?(/[0-9a-f]{20,32})", _SAME_PATH),),
        "stackoverflow.com superuser.com serverfault.com askubuntu.com mathoverflow.net *.stackexchange.com": (
            Route(r"/(?:questions|q)/(\d+)(?:/[^/]*)?", "/questions/{0}"),
        ),
        # /u/1/ names the reader's account, not the document. No route for tables: their fragment chooses a sheet.
        "docs.google.com": (
            Route(
                r"(/(?:document|presentation))(?:/u/\d+)?(/d/[\w-]{20,})(?:/(?:edit|view|preview|mobilebasic))?",
                "{0}{1}",
                also=("tab",),
            ),
        ),
        "drive.google.com": (
            Route(r"/file(?:/u/\d+)?(/d/[\w-]{20,})(?:/(?:edit|view|preview))?", "/file{0}"),
            Route(r"/drive(?:/u/\d+)?(/folders/[\w-]{20,})", "/drive{0}"),
        ),
        (
            "amazon.com amazon.ca amazon.cn amazon.co.uk amazon.co.jp amazon.com.au amazon.de amazon.es amazon.fr"
            " amazon.it"
        ): (Route(r"(?:/.*)?/(?:dp|gp/product)/([A-Z0-9]{10})(?:/.*)?", "/dp/{0}"),),
        "chatgpt.com chat.openai.com": (Route(r"(/share/[0-9a-f-]{36})", "https://chatgpt.com{0}"),),
        "x.com fxtwitter.com vxtwitter.com fixupx.com": (
            Route(r"/(?:i/web|[^/]+)/status(?:es)?/(\d+)(?:/(?:photo|video)/\d+)?", "https://x.com/i/status/{0}"),
            Route(r"/[^/]+/article/(\d+)", "https://x.com/i/article/{0}"),
        ),
        "reddit.com": (
            Route(r"(?:/(?:r|u|user)/[^/]+)?/comments/(\w+)/[^/]+/(\w+)", "/comments/{0}/comment/{1}"),
            Route(r"(?:/(?:r|u|user)/[^/]+)?/comments/(\w+)(?:/[^/]+(?<!\.json)(?<!\.rss))?", "/comments/{0}"),
        ),
        "redd.it": (Route(r"/(\w{5,8})", "https://reddit.com/comments/{0}"),),
        "news.ycombinator.com": (Route(r"/item", "/item", ("id",)),),
        "linkedin.com *.linkedin.com": (
            Route(
                r"/(?:posts/[^/]*-activity-|feed/update/urn:li:activity:)(\d{15,})(?:-[\w-]+)?",
                "https://linkedin.com/feed/update/urn:li:activity:{0}",
            ),
        ),
        "instagram.com": (Route(r"(?:/[^/]+)?/(?:p|reels?|tv)/([\w-]+)", "/p/{0}"),),
        "weibo.com weibo.cn": (
            Route(r"/(?:\d{6,12}|status|detail)/(\d{16}|[A-Z][0-9A-Za-z]{8})", "https://weibo.com/detail/{0}"),
            Route(r"/ttarticle/(?:p|x/m)/show", "https://weibo.com/ttarticle/p/show", ("id",)),
            Route(r"(/u/\d+)", "https://weibo.com{0}", also=None),
        ),
        "zhihu.com": (
            Route(r"(?:/question/\d+)?/answer/(\d+)", _ZHIHU_ANSWER),
            Route(r"/tardis/\w+/ans/(\d+)", _ZHIHU_ANSWER),
            Route(r"(?:/tardis/\w+/art|/p)/(\d+)", "https://zhuanlan.zhihu.com/p/{0}"),
            Route(r"(/(?:question|pin|zvideo)/\d+)", _SAME_PATH),
        ),
        "zhuanlan.zhihu.com": (Route(r"(/p/\d+)", _SAME_PATH),),
        "xiaohongshu.com": (Route(r"/(?:explore|discovery/item)/([0-9a-f]{24})", "/explore/{0}"),),
        "mp.weixin.qq.com": (
            Route(r"(/s/[\w-]{10,})", _SAME_PATH),
            # Without mid (tempkey=, src=11&signature=) nothing but the whole query names the post: no route.
            Route(r"/s", "/s", ("__biz", "mid", "idx", "sn")),
            Route(r"/s", "/s", ("__biz", "mid", "idx")),
        ),
        "medium.com": (
            Route(r"/p/([0-9a-f]{10,12})", "/p/{0}"),
            Route(r"/[^/]+/[^/]*-([0-9a-f]{10,12})", "/p/{0}"),
        ),
        "*.medium.com": (Route(r"/(?:[^/]*-)?([0-9a-f]{10,12})", "https://medium.com/p/{0}"),),
        "open.substack.com": (Route(r"/pub/(?!www/)([\w-]+)/p/([\w-]+)", "https://{0}.substack.com/p/{1}"),),
        "*.substack.com": (Route(r"(/p/[\w-]+)", _SAME_PATH),),
        "blog.csdn.net": (Route(r"(/[^/]+/article/details/\d+)", _SAME_PATH),),
        "juejin.cn": (Route(r"(/post/\w+)", _SAME_PATH),),
        "cnblogs.com": (Route(r"(/[^/]+/p/[\w-]+)(?:\.html)?", _SAME_PATH),),
        "infoq.cn xie.infoq.cn": (Route(r"(/(?:article|news|video)/[\w-]+)", _SAME_PATH),),
        "cloud.tencent.com": (Route(r"(/developer/(?:article|news)/\d+)", _SAME_PATH),),
        "developer.aliyun.com": (Route(r"(/article/\d+)", _SAME_PATH),),
        # A script, not a page; oldid= and action= choose one here as they do below /wiki.
        "zh.wikipedia.org": (Route(r"/zh(?:-[a-z]{2,4})?(/.+)", "/wiki{0}", also=None),),
        "baike.baidu.com": (Route(r"(/item/[^/]+(?:/\d+)?)", _SAME_PATH),),
        "zhidao.baidu.com": (Route(r"(/question/\d+\.html)", _SAME_PATH),),
        "baijiahao.baidu.com": (Route(r"(?:/builder/preview)?/s", "/s", ("id",)),),
        # Chinese news
        "36kr.com": (Route(r"(/(?:p|newsflashes|video)/\d+)(?:\.html)?", _SAME_PATH),),
        "163.com *.163.com": (
            Route(r"(?:/.*)?/(?:article|a)/(?:detail/)?([A-Z0-9]{16})(?:\.html)?", _NETEASE),
            Route(r"/\d\d/\d{4}/\d\d/([A-Z0-9]{16})\.html", _NETEASE),
        ),
        "news.qq.com new.qq.com xw.qq.com view.inews.qq.com": (
            Route(
                r"/(?:rain/a|a|k|omn|omn/\d{8}|cmsid)/(\d{8}[A-Z][A-Z0-9]{7})(?:\.html)?",
                "https://news.qq.com/rain/a/{0}",
            ),
        ),
        "cj.sina.cn cj.sina.com.cn t.cj.sina.cn t.cj.sina.com.cn k.sina.cn k.sina.com.cn": (
            Route(r"/articles?/view/(\d+)/(\w+)(?:\.d)?(?:\.html)?", _SINA_POST),
            Route(r"/article_(\d+)_(\w+)(?:\.d)?\.html", _SINA_POST),
        ),
        "sina.com.cn *.sina.com.cn sina.cn *.sina.cn": (
            Route(r"(?:/.*)?/(?:doc|detail)-(i[a-z]{6,8}\d{7})(?:\.d)?\.s?html", "https://sina.com.cn/doc-{0}.shtml"),
        ),
        "sohu.com *.sohu.com": (Route(r"/a/(\d+)(?:_\d+)?", "https://sohu.com/a/{0}"),),
        "ifeng.com *.ifeng.com": (Route(r"/c/(?:s/)?([0-9A-Za-z]{11})", "https://ifeng.com/c/{0}"),),
        "eastmoney.com *.eastmoney.com": (Route(r"/a/(\d{15,20})\.html", "https://eastmoney.com/a/{0}.html"),),
        "thepaper.cn": (
            Route(r"/(?:newsDetail_forward_|detail/)(\d+)", "/newsDetail_forward_{0}"),
            Route(r"(/\w+_detail\.jsp)", _SAME_PATH, ("contid",)),
        ),
        "huxiu.com": (Route(r"/article/(\d+)(?:/1)?(?:\.html)?", "/article/{0}.html"),),
        "toutiao.com": (Route(r"/(?:article/|group/|a|i)(\d{15,})", "/article/{0}"),),
        "wallstreetcn.com": (
            Route(r"(?:/member)?(/articles/\d+)", _SAME_PATH),
            Route(r"(/livenews/\d+)", _SAME_PATH),
        ),
        "jiqizhixin.com": (Route(r"(/articles/[\d-]+)", _SAME_PATH),),
        "xueqiu.com": (Route(r"(/\d+/\d+)", _SAME_PATH),),
        "ithome.com": (
            Route(r"/0/(\d{3})/(\d{3})\.htm", "/html/{0}{1}.htm"),
            Route(r"/html/(?:[a-z]+/)?(\d+)\.htm", "/html/{0}.htm"),
        ),
        "cnbeta.com.tw cnbeta.com hot.cnbeta.com.tw": (
            Route(r"/(?:articles/(?:\w+/)?|view/)(\d+)\.html?", "https://cnbeta.com.tw/articles/{0}.htm"),
        ),
        "ftchinese.com": (Route(r"(/(?:story|interactive)/\d+(?:/(?:ce|en))?)", _SAME_PATH),),
        # news elsewhere
        "bbc.com bbc.co.uk": (
            Route(
                r"((?:/[\w-]+)+/(?:articles|videos|live)/c[0-9a-z]{9,}(?:/(?:simp|trad))?)(?:\.amp)?",
                "https://bbc.com{0}",
            ),
            Route(r"/(news|sport)(?:/amp)?(/(?:[\w/-]+[-/])?\d{7,})", "https://bbc.com/{0}{1}"),
        ),
        "cnn.com edition.cnn.com us.cnn.com": (Route(r"(?:/cnn)?(/\d{4}/\d\d/\d\d/.+)", "https://cnn.com{0}"),),
        "ft.com": (Route(r"(/content/[0-9a-f-]{36})", _SAME_PATH),),
        "apnews.com": (Route(r"/article/(?:[^/]*-)?([0-9a-f]{32})", "/article/{0}"),),
        "msn.com": (Route(r"(?:/.*)?/((?:ar|vi|ss)-[A-Za-z0-9]+)", "/{0}"),),
        "news.google.com": (Route(r"(?:/rss)?/(?:articles|read)/([\w-]+)", "/articles/{0}"),),
    }
)

_GOOGLE = (
    "google.com google.com.hk google.com.tw google.com.sg google.com.au google.com.br google.co.jp google.co.kr"
    " google.co.uk google.co.in google.ca google.cn google.de google.fr google.es google.it google.nl"
)
#: Redirectors and viewers whose address holds the address of the page that is meant.
WRAPPERS: dict[str, tuple[Wrapper, ...]] = by_host(
    {
        _GOOGLE: (
            Wrapper(r"/url", ("q", "url")),
            Wrapper(r"/amp/s/([\w-]+\..+)", target="https://{0}"),
            Wrapper(r"/amp/([\w-]+\..+)", target="http://{0}"),
        ),
        "cdn.ampproject.org *.cdn.ampproject.org": (
            Wrapper(r"/[cv]/s/([\w-]+\..+)", target="https://{0}"),
            Wrapper(r"/[cv]/([\w-]+\..+)", target="http://{0}"),
        ),
        # Old Google News ids are a protocol buffer around the address; new ones (AU_yq...) hold none.
        "news.google.com": (Wrapper(r"(?:/rss)?/(?:articles|read)/(CBM[\w-]+)", target="{0}", base64=True),),
        "bing.com": (
            Wrapper(r"/ck/a", ("u",), base64=True),
            Wrapper(r"/news/apiclick\.aspx", ("url",)),
            Wrapper(r"/amp/s/([\w-]+\..+)", target="https://{0}"),
        ),
        "consent.youtube.com consent.google.com": (Wrapper(r"/.*", ("continue",)),),
        "player.bilibili.com": (Wrapper(r"/player\.html", ("bvid",), before="https://bilibili.com/video/"),),
        "getpocket.com": (Wrapper(r"/redirect", ("url",)),),
        "exit.sc": (Wrapper(r"/", ("url",)),),
        "duckduckgo.com": (Wrapper(r"/l", ("uddg",)),),
        "l.facebook.com facebook.com l.messenger.com": (Wrapper(r"/l\.php", ("u",)),),
        "l.instagram.com l.threads.com l.threads.net": (Wrapper(r"/", ("u",)),),
        "out.reddit.com": (Wrapper(r"/.*", ("url",)),),
        "youtube.com": (Wrapper(r"/redirect", ("q",)),),
        "linkedin.com": (Wrapper(r"/(?:safety/go|redir/redirect)", ("url",)),),
        "medium.com": (Wrapper(r"/m/global-identity(?:-2)?", ("redirectUrl",)),),
        "slack-redir.net": (Wrapper(r"/link", ("url",)),),
        "steamcommunity.com": (Wrapper(r"/linkfilter", ("url", "u")),),
        "t.umblr.com": (Wrapper(r"/redirect", ("z",)),),
        "vk.com": (Wrapper(r"/away\.php", ("to",)),),
        "*.safelinks.protection.outlook.com": (Wrapper(r"/.*", ("url",)),),
        "link.zhihu.com link.juejin.cn link.csdn.net": (Wrapper(r"/", ("target",)),),
        "link.jianshu.com links.jianshu.com": (Wrapper(r"/(?:go)?", ("to", "t")),),
        "jianshu.com": (Wrapper(r"/go-wild", ("url",)),),
        "gitee.com sspai.com infoq.cn xie.infoq.cn": (Wrapper(r"/link", ("target",)),),
        "developer.aliyun.com": (Wrapper(r"/redirect", ("target",)),),
        "oschina.net": (Wrapper(r"/action/GoToLink", ("url",)),),
        "cloud.tencent.com": (Wrapper(r"/developer/tools/blog-entry", ("target",)),),
        "weibo.com": (Wrapper(r"/sinaurl", ("u",)),),
        "douban.com": (Wrapper(r"/link2", ("url",)),),
        "c.pc.qq.com": (Wrapper(r"/(?:middlem|ios|middleb)\.html", ("pfurl", "url")),),
        "docs.qq.com": (Wrapper(r"/scenario/link\.html", ("url",)),),
    }
)
