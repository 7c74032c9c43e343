"""Know the web's habits: which hosts, paths and parameters name one page. Data only; urls.py applies it.

Tables are keyed by hosts *after* ``www.``, ``m.`` and the like have been taken off; ``*.example.com`` means every
host below example.com, not itself. A rule stands here only when the site itself treats both spellings as one page
(a redirect, a canonical link, a documented identifier). A missing rule costs a match; a wrong one merges two pages.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

_Value = TypeVar("_Value")


class Route(NamedTuple):
    """How one kind of page is named: a path, and the parameters that tell one page from another."""

    #: Must match the whole path: percent-encoded, without trailing slash, index.html and AMP marks.
    path: str
    #: The key, with the path's groups as ``{0}`` ...; a leading ``/`` means: on the same host.
    key: str
    #: Parameters that are part of the key. When one is absent, the route does not apply. All others are dropped.
    keep: tuple[str, ...] = ()


class Wrapper(NamedTuple):
    """A page that only leads to another one, whose address it carries."""

    #: Must match the whole path: percent-encoded, not yet tidied.
    path: str
    #: Parameters that may hold the target, in order of preference.
    params: tuple[str, ...] = ()
    #: The target, with the path's groups, when no parameter holds it.
    target: str = ""
    #: The target is hidden in URL-safe base64.
    base64: bool = False


def _words(*lines: str) -> frozenset[str]:
    """Read a table of words, one space between two."""
    return frozenset(" ".join(lines).split())


def _by_host(table: dict[str, _Value]) -> dict[str, _Value]:
    """Spread ``"a.com b.com": value`` over its hosts."""
    return {host: value for hosts, value in table.items() for host in hosts.split()}


# -- hosts -----------------------------------------------------------------------------------------------------------

#: First labels that name another dress of the same site.
DRESS_LABELS = frozenset({"www", "m", "wap", "mobile", "amp"})

#: Second-level labels under which anybody can register, in most country domains (publicsuffix.org).
SECOND_LEVEL = _words(
    "ac asso biz co com ed edu firm gen go gob gouv gov gv id idv in ind info int ltd me mil ms name ne net nic",
    "nom or org pe plc pro re sch school web",
)
#: The same where one country differs: China has a label for each province.
SECOND_LEVEL_OF = {
    "cn": _words("ah bj cq fj gd gs gx gz ha hb he hi hk hl hn jl js jx ln mo nm nx qh sc sd sh sn sx tj tw"),
    "jp": _words("ad gr lg tokyo osaka kyoto aichi hokkaido fukuoka kanagawa"),
    "kr": _words("es hs kg seoul busan"),
    "tw": _words("club ebiz game"),
    "uk": _words("nhs police"),
    "us": _words("ca fl ny tx wa"),
}
#: Domains whose subdomains belong to different people.
SHARED_DOMAINS = _words(
    "github.io gitlab.io gitee.io pages.dev workers.dev netlify.app vercel.app web.app firebaseapp.com",
    "herokuapp.com appspot.com azurewebsites.net azurestaticapps.net cloudfront.net amazonaws.com onrender.com",
    "fly.dev surge.sh glitch.me repl.co replit.app hf.space streamlit.app readthedocs.io gitbook.io notion.site",
    "super.site bearblog.dev hashnode.dev blogspot.com wordpress.com tumblr.com substack.com ghost.io wixsite.com",
    "weebly.com webflow.io framer.website carrd.co mystrikingly.com cn.com us.com uk.com eu.com de.com jp.net",
    "uk.net gb.net br.com co.com eu.org myshopify.com jimdofree.com livejournal.com over-blog.com hatenablog.com",
    "fc2.com altervista.org",
)

#: Families that put the mobile label in the middle: ``zh.m.wikipedia.org``.
MOBILE_IN_THE_MIDDLE = _words(
    "wikipedia.org wiktionary.org wikinews.org wikiquote.org wikisource.org wikibooks.org wikiversity.org"
)

#: Hosts that serve every path of another one.
ALIASES = _by_host(
    {
        "twitter.com": "x.com",
        "old.reddit.com new.reddit.com np.reddit.com sh.reddit.com": "reddit.com",
        "dx.doi.org": "doi.org",
        "hf.co": "huggingface.co",
        "wapbaike.baidu.com": "baike.baidu.com",
        "juejin.im": "juejin.cn",
        "lm.facebook.com": "l.facebook.com",
        "mbasic.facebook.com touch.facebook.com web.facebook.com": "facebook.com",
        "www1.ftchinese.com": "ftchinese.com",
        "guardian.co.uk": "theguardian.com",
    }
)

# -- parameters ------------------------------------------------------------------------------------------------------

#: Parameters (lower case) that never tell one page from another, on any site.
TRACKING = _words(
    # advertising clicks
    "fbclid gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid msclkid yclid ymclid twclid ttclid tblci",
    "dicbo li_fat_id igsh igshid epik irclickid irgwc s_kwcid ef_id srsltid obclickid rb_clickid wickedid zanpid",
    "awc cjevent ranmid raneaid ransiteid qhclickid bd_vid _openstat",
    # mail and marketing suites
    "mc_cid mc_eid mkt_tok _ga _gl _gac vero_id vero_conv oly_anon_id oly_enc_id _bta_tid _bta_c _kx",
    "ck_subscriber_id ml_subscriber ml_subscriber_hash sfmc_id sfmc_sub et_rid elqtrackid elqtrack elqaid elqat",
    "elqcampaignid trk_contact trk_msg trk_module trk_sid hsctatracking hss_channel ss_source ss_campaign_id",
    "ss_email_id __s cm_mmc cm_mmca1 wt_mc wt.mc_id wt.mc_ev wt_mc_id wt.nav wt.srch s_cid xtor cmpid ns_mchannel",
    "ns_campaign ns_source ns_linkname ns_fee itm_source itm_medium itm_campaign itm_content itm_term itm_channel",
    "pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content piwik_campaign piwik_kwd piwik_keyword",
    "mtm_campaign mtm_kwd mtm_keyword mtm_source mtm_medium mtm_content mtm_cid mtm_group mtm_placement",
    "matomo_campaign matomo_kwd ga_source ga_medium ga_campaign ga_content ga_term sb_referer_host",
    "_branch_match_id _branch_referrer intcid int_cid __source",
    # shares, feeds and readers
    "guccounter .tsrc tsrc soc_src soc_trk ref_src ref_url __twitter_impression fb_action_ids fb_action_types",
    "fb_source fb_ref mibextid rdid share_source share_medium share_plat share_session_id share_times spm",
    "spm_id_from vd_source isappinstalled nsukey ivk_sa tdsourcetag adtag pgv_ref sudaref wxshare_count hmsr hmpl",
    "hmcu hmkw hmci u_atoken u_asession u_asig u_aref u_aset u_adata md5__1038 _rsc wprov xhsshare ref_",
    "unlocked_article_code",
    # AMP viewers and sessions
    "amp_js_v amp_gsa amp_ct amp_latest_update_time usqp phpsessid jsessionid",
)
#: Likewise, whatever follows: Urchin/Google, AT Internet, Google article access, Yahoo consent, HubSpot, Amazon, ...
TRACKING_PREFIXES = (
    "utm_", "at_", "gaa_", "guce_", "hsa_", "_hs", "__hs", "bsft_", "pf_rd_", "pd_rd_", "__cft__", "_x_tr_",
)  # fmt: skip
#: Parameters that are an identifier on some sites, but not with these values: a feed's or a chat's signature, an
#: editor's access token (a JSON Web Token begins with ``eyJ``), a newsletter's host name.
TRACKING_VALUES = (
    r"(?:from|source|src|ref|partner|campaign)=rss(?:[-_].*)?"
    r"|from=(?:timeline|singlemessage|groupmessage|copylink)"
    r"|access_?token=eyj.*"
    r"|ref=(?:[a-z0-9-]+\.)+(?:com|org|net|news|io|co|ai|dev|blog)"
)
#: Not tracking, but no other page either.
DISPLAY_VALUES = r"amp|amp=(?:1|true)?|(?:outputtype|output|view)=amp|replytocom=\d+"

_DROP = {
    "36kr.com": "f from",
    "barrons.com marketwatch.com wsj.com *.wsj.com": "mod reflink st siteid tesla sharetoken",
    "bilibili.com *.bilibili.com": "p=1 from from_source seid ts unique_k bbid share_from share_tag timestamp t",
    "bing.com": "cvid form pc ocid",
    "blog.csdn.net": "ops_request_misc request_id biz_id",
    "careerengine.us posts.careerengine.us": "from type",
    "cloud.tencent.com": "from areaid frompage policyid sharebychannel",
    "docs.google.com drive.google.com": "usp ouid rtpof sd",
    "douban.com *.douban.com": "from dt_dapp dt_platform",
    "developer.aliyun.com alibabacloud.com *.alibabacloud.com": "scm",
    "dw.com": "maca",
    "facebook.com": "ref fref refid refsrc hc_ref _rdr paipv eav __tn__ __xts__",
    "feishu.cn *.feishu.cn larksuite.com *.larksuite.com": "from",
    "github.com": "tab=readme-ov-file",
    "google.com": "ved sa ei oq aqs sxsrf sourceid gs_lcp gs_lp sclient uact gws_rd rlz sca_esv ie",
    "linkedin.com *.linkedin.com": "trk trackingid lipi midtoken midsig originalsubdomain rcm refid",
    "medium.com *.medium.com": "source sk gi",
    "mp.weixin.qq.com": (
        "scene xtrack srcid sharer_shareinfo sharer_shareinfo_first sharer_sharetime sharer_shareid ascene subscene"
        " devicetype version nettype abtest_cookie lang exportkey pass_ticket wx_header poc_token clicktime enterid"
        " sessionid mpshare click_id from fontscale fontgear session_us countrycode rd2werd acctmode wx_lang"
    ),
    "msn.com": "ocid cvid pc ei",
    "newyorker.com pitchfork.com vogue.com vanityfair.com gq.com allure.com arstechnica.com": "mbid",
    "news.qq.com new.qq.com view.inews.qq.com": "no-redirect",
    "nytimes.com *.nytimes.com": "smid smtyp",
    "notion.so *.notion.site": "pvs",
    "producthunt.com": "ref",
    "quora.com": "share ch oid srid",
    "sina.com.cn *.sina.com.cn sina.cn *.sina.cn": "froms cre rfunc tj tr vt wm",
    "sohu.com *.sohu.com": "spss pvid scm _f _trans_",
    "open.spotify.com": "si dl_branch nd",
    "substack.com *.substack.com": "r s publication_id post_id isfreemail triedredirect showwelcome token",
    "theguardian.com": "cmp intcmp dcr",
    "theinformation.com": "rc",
    "thepaper.cn": "from commtag",
    "user.guancha.cn": "s",
    "washingtonpost.com": "tid itid",
    "wikipedia.org *.wikipedia.org": "useskin variant",
    "x.com": "s t lang ref_src cxt",
    "xiaoyuzhoufm.com": "s",
    "xueqiu.com": "refer _ugc_source",
    "yahoo.com *.yahoo.com": "ncid fr",
    "youtube.com": "si feature ab_channel pp app",
    "163.com *.163.com": "clickfrom spss",
}
#: Parameters (lower case), or ``name=value``, that tell nothing on these hosts, though they may elsewhere.
DROP = _by_host({hosts: _words(names) for hosts, names in _DROP.items()})

#: Outlets where the path of a story names it, so that unknown parameters come from sharing and measuring.
STORY_HOSTS = _words(
    "9to5mac.com aljazeera.com anthropic.com apnews.com arstechnica.com artificialintelligence-news.com axios.com",
    "bbc.com bbc.co.uk bloomberg.com businessinsider.com caixin.com cbsnews.com cls.cn cnbc.com cnet.com cnn.com",
    "edition.cnn.com dailymail.co.uk deepmind.google economist.com engadget.com fastcompany.com finance.yahoo.com",
    "forbes.com fortune.com ft.com geekpark.net hbr.org ifanr.com independent.co.uk infoq.com iyiou.com",
    "jiemian.com jiqizhixin.com latimes.com lemonde.fr leiphone.com macrumors.com nature.com nbcnews.com",
    "newyorker.com npr.org nytimes.com openai.com pcmag.com pingwest.com politico.com qbitai.com reuters.com",
    "scmp.com semafor.com siliconangle.com spiegel.de sspai.com stcn.com tech.yahoo.com techcrunch.com",
    "technologyreview.com techradar.com telegraph.co.uk theatlantic.com theguardian.com theinformation.com",
    "theregister.com thetimes.com thetimes.co.uk thenewstack.io theverge.com time.com tmtpost.com",
    "tomshardware.com usatoday.com uk.finance.yahoo.com au.finance.yahoo.com ca.finance.yahoo.com",
    "hk.finance.yahoo.com vanityfair.com venturebeat.com vox.com washingtonpost.com wired.com woshipm.com wsj.com",
    "cn.wsj.com yahoo.com yicai.com zaobao.com zaobao.com.sg zdnet.com zhidx.com 51cto.com 21jingji.com",
)
#: A path that names a story: a slug of three words, or a number of four digits; no picture, list or stock.
STORY_PATH = (
    r"(?!.*\.(?:jpe?g|png|gif|webp|svg|mp4)$)/(?!(?:search|tags?|topics?|author|quotes?)(?:/|$))(?:.*\d{4}.*|.*-.*-.*)"
)
#: Even there these parameters may choose another page.
STORY_KEEPS = _words(
    "id p q s v page pages aid sid article articleid article_id story storyid story_id query keyword search lang",
    "hl language locale edition format feed type tab doi",
)

# -- paths -----------------------------------------------------------------------------------------------------------

#: Where letter case does not matter: the beginning of the path that may be folded.
FOLDED = _by_host(
    {
        "doi.org": r"/10\..+",
        "github.com": r"/[^/]+(?:/[^/]+)?",
        "instagram.com": r"/(?!p/|reels?/|tv/)[^/]+$",
        "reddit.com": r"/(?:r|u|user)/[^/]+",
        "x.com": r"/\w{1,15}$",
        "youtube.com": r"/@[^/]+",
    }
)

_ARXIV = r"/(?:abs|pdf|html|format)/"
_NETEASE = "https://163.com/dy/article/{0}.html"
_SINA_POST = "https://cj.sina.com.cn/articles/view/{0}/{1}"
_YOUTUBE = "https://youtube.com/watch?v={0}"
_ZHIHU_ANSWER = "https://zhihu.com/answer/{0}"
_SAME_PATH = "{0}"

#: Pages that have an identifier; the first route that fits gives the key.
ROUTES: dict[str, tuple[Route, ...]] = _by_host(
    {
        # video and sound
        "youtube.com music.youtube.com gaming.youtube.com youtube-nocookie.com": (
            Route(r"/watch", "https://youtube.com/watch", ("v",)),
            # Both exceptions have eleven letters, as an id has; their page is told by list= and channel=.
            Route(r"/(?:embed|shorts|live|v|e)/(?!videoseries|live_stream)([\w-]{11})", _YOUTUBE),
            Route(r"/playlist", "/playlist", ("list",)),
        ),
        "youtu.be": (Route(r"/([\w-]{11})", _YOUTUBE),),
        "bilibili.com": (
            Route(r"(/video/(?:BV\w{10}|av\d+))", _SAME_PATH, ("p",)),
            Route(r"(/(?:video/(?:BV\w{10}|av\d+)|bangumi/play/[a-z]{2}\d+|read/cv\d+|opus/\d+))", _SAME_PATH),
        ),
        "b23.tv": (Route(r"/(BV\w{10})", "https://bilibili.com/video/{0}"),),
        "vimeo.com": (Route(r"(/\d+)", _SAME_PATH),),
        "player.vimeo.com": (Route(r"/video/(\d+)", "https://vimeo.com/{0}"),),
        "open.spotify.com": (
            Route(r"(?:/intl-[a-z-]+)?(?:/embed)?/(episode|show|track|album|playlist)/(\w{22})", "/{0}/{1}"),
        ),
        "podcasts.apple.com": (
            Route(r"(/[a-z]{2})/podcast/(?:[^/]+/)?(id\d+)", "{0}/podcast/{1}", ("i",)),
            Route(r"(/[a-z]{2})/podcast/(?:[^/]+/)?(id\d+)", "{0}/podcast/{1}"),
        ),
        "xiaoyuzhoufm.com": (Route(r"(/(?:episode|podcast)/\w+)", _SAME_PATH),),
        "tiktok.com": (Route(r"(/@[^/]+/video/\d+)", _SAME_PATH),),
        "douyin.com": (Route(r"(/video/\d+)", _SAME_PATH),),
        "iesdouyin.com": (Route(r"/share/video/(\d+)", "https://douyin.com/video/{0}"),),
        # papers and code
        "arxiv.org export.arxiv.org browse.arxiv.org": (
            Route(_ARXIV + r"(\d{4}\.\d{4,5})(?:v\d+)?(?:\.pdf)?", "https://arxiv.org/abs/{0}"),
            # math.GT/0309136 and math/0309136 are one paper: the subject class is not part of the id.
            Route(_ARXIV + r"([a-z-]+)(?:\.[A-Z]{2})?/(\d{7})(?:v\d+)?(?:\.pdf)?", "https://arxiv.org/abs/{0}/{1}"),
        ),
        "doi.org": (
            Route(r"/10\.48550/arxiv\.(\d{4}\.\d{4,5})(?:v\d+)?", "https://arxiv.org/abs/{0}"),
            Route(r"(/10\..+)", _SAME_PATH),
        ),
        "ssrn.com": (Route(r"/abstract=(\d+)", "https://papers.ssrn.com/sol3/papers.cfm?abstract_id={0}"),),
        "papers.ssrn.com": (Route(r"/sol3/papers\.cfm", "/sol3/papers.cfm", ("abstract_id",)),),
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
        "docs.google.com": (
            Route(r"(/(?:document|presentation)/d/[\w-]{20,})(?:/(?:edit|view|preview|mobilebasic))?", _SAME_PATH),
        ),
        "amazon.com amazon.cn amazon.co.uk amazon.co.jp amazon.de amazon.fr": (
            Route(r"(?:/.*)?/(?:dp|gp/product)/([A-Z0-9]{10})(?:/.*)?", "/dp/{0}"),
        ),
        "x.com fxtwitter.com vxtwitter.com fixupx.com": (
            Route(r"/(?:i/web|[^/]+)/status(?:es)?/(\d+)(?:/(?:photo|video)/\d+)?", "https://x.com/i/status/{0}"),
            Route(r"/[^/]+/article/(\d+)", "https://x.com/i/article/{0}"),
        ),
        "reddit.com": (
            Route(r"(?:/(?:r|u|user)/[^/]+)?/comments/(\w+)/[^/]+/(\w+)", "/comments/{0}/comment/{1}"),
            Route(r"(?:/(?:r|u|user)/[^/]+)?/comments/(\w+)(?:/[^/]+)?", "/comments/{0}"),
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
        ),
        "zhihu.com": (
            Route(r"(?:/question/\d+)?/answer/(\d+)", _ZHIHU_ANSWER),
            Route(r"/tardis/\w+/ans/(\d+)", _ZHIHU_ANSWER),
            Route(r"/tardis/\w+/art/(\d+)", "https://zhuanlan.zhihu.com/p/{0}"),
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
        "open.substack.com": (Route(r"/pub/([\w-]+)/p/([\w-]+)", "https://{0}.substack.com/p/{1}"),),
        "*.substack.com": (Route(r"(/p/[\w-]+)", _SAME_PATH),),
        "blog.csdn.net": (Route(r"(/[^/]+/article/details/\d+)", _SAME_PATH),),
        "juejin.cn": (Route(r"(/post/\w+)", _SAME_PATH),),
        "cnblogs.com": (Route(r"(/[^/]+/p/[\w-]+)(?:\.html)?", _SAME_PATH),),
        "infoq.cn xie.infoq.cn": (Route(r"(/(?:article|news|video)/[\w-]+)", _SAME_PATH),),
        "cloud.tencent.com": (Route(r"(/developer/(?:article|news)/\d+)", _SAME_PATH),),
        "developer.aliyun.com": (Route(r"(/article/\d+)", _SAME_PATH),),
        "zh.wikipedia.org": (Route(r"/zh(?:-[a-z]{2,4})?(/.+)", "/wiki{0}"),),
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
        "xueqiu.com": (Route(r"(/\d+/\d+)", _SAME_PATH),),
        "ithome.com": (
            Route(r"/0/(\d{3})/(\d{3})\.htm", "/html/{0}{1}.htm"),
            Route(r"/html/(?:[a-z]+/)?(\d+)\.htm", "/html/{0}.htm"),
        ),
        "cnbeta.com.tw cnbeta.com hot.cnbeta.com.tw": (
            Route(r"/(?:articles/(?:\w+/)?|view/)(\d+)\.html?", "https://cnbeta.com.tw/articles/{0}.htm"),
        ),
        "ftchinese.com": (Route(r"(/(?:story|interactive)/\d+)", _SAME_PATH),),
        # news elsewhere
        "bbc.com bbc.co.uk": (
            Route(r"((?:/[\w-]+)+/(?:articles|videos|live)/c[0-9a-z]{9,}(?:/(?:simp|trad))?)", "https://bbc.com{0}"),
            Route(r"(/(?:news|sport)/(?:[\w/-]+[-/])?\d{7,})", "https://bbc.com{0}"),
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
WRAPPERS: dict[str, tuple[Wrapper, ...]] = _by_host(
    {
        _GOOGLE: (
            Wrapper(r"/url", ("q", "url")),
            Wrapper(r"/amp/s/([\w-]+\..+)", target="https://{0}"),
            Wrapper(r"/amp/([\w-]+\..+)", target="http://{0}"),
        ),
        "*.cdn.ampproject.org": (
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
        "duckduckgo.com": (Wrapper(r"/l/?", ("uddg",)),),
        "l.facebook.com": (Wrapper(r"/l\.php", ("u",)),),
        "l.instagram.com": (Wrapper(r"/?", ("u",)),),
        "out.reddit.com": (Wrapper(r"/.*", ("url",)),),
        "youtube.com": (Wrapper(r"/redirect", ("q",)),),
        "linkedin.com": (Wrapper(r"/(?:safety/go|redir/redirect)/?", ("url",)),),
        "medium.com": (Wrapper(r"/m/global-identity(?:-2)?", ("redirectUrl",)),),
        "slack-redir.net": (Wrapper(r"/link", ("url",)),),
        "steamcommunity.com": (Wrapper(r"/linkfilter/?", ("url", "u")),),
        "t.umblr.com": (Wrapper(r"/redirect", ("z",)),),
        "vk.com": (Wrapper(r"/away\.php", ("to",)),),
        "*.safelinks.protection.outlook.com": (Wrapper(r"/.*", ("url",)),),
        "link.zhihu.com link.juejin.cn link.csdn.net": (Wrapper(r"/?", ("target",)),),
        "link.jianshu.com links.jianshu.com": (Wrapper(r"/(?:go)?", ("to", "t")),),
        "jianshu.com": (Wrapper(r"/go-wild", ("url",)),),
        "gitee.com sspai.com infoq.cn xie.infoq.cn": (Wrapper(r"/link", ("target",)),),
        "oschina.net": (Wrapper(r"/action/GoToLink", ("url",)),),
        "cloud.tencent.com": (Wrapper(r"/developer/tools/blog-entry", ("target",)),),
        "weibo.com": (Wrapper(r"/sinaurl", ("u",)),),
        "douban.com": (Wrapper(r"/link2/?", ("url",)),),
        "c.pc.qq.com": (Wrapper(r"/(?:middlem|ios|middleb)\.html", ("pfurl", "url")),),
        "docs.qq.com": (Wrapper(r"/scenario/link\.html", ("url",)),),
    }
)
