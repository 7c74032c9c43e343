"""Know the web's habits: which hosts, parameters and paths name one page. Data only; urls.py applies it.

Tables are keyed by hosts *after* ``www.``, ``m.`` and the like have been taken off; ``*.example.com`` means every
host below example.com, not itself. A rule stands here only when the site itself treats both spellings as one page
(a redirect, a canonical link, a documented identifier). A missing rule costs a match; a wrong one merges two pages.
"""

from __future__ import annotations

from typing import TypeVar

_Value = TypeVar("_Value")


def words(*lines: str) -> frozenset[str]:
    """Read a table of words, one space between two."""
    return frozenset(" ".join(lines).split())


def by_host(table: dict[str, _Value]) -> dict[str, _Value]:
    """Spread ``"a.com b.com": value`` over its hosts."""
    return {host: value for hosts, value in table.items() for host in hosts.split()}


# -- hosts -----------------------------------------------------------------------------------------------------------

#: First labels that name another dress of the same site.
DRESS_LABELS = frozenset({"www", "m", "wap", "amp"})
#: ``mobile.`` is as often a carrier (mobile.free.fr), a product (mobile.ant.design) or a channel about telephones
#: (mobile.zol.com.cn). It is a dress on these hosts, elsewhere only where the path names a story.
MOBILE_HOSTS = words(
    "abc.net.au bloomberg.com businessinsider.com facebook.com forbes.com france24.com lemonde.fr nytimes.com",
    "reddit.com reuters.com theguardian.com theverge.com twitter.com washingtonpost.com wsj.com x.com youtube.com",
)

#: Second-level labels under which anybody can register, in most country domains (publicsuffix.org).
SECOND_LEVEL = words(
    "ac asso biz co com ed edu firm gen go gob gouv gov gv id idv in ind info int ltd me mil ms name ne net nic",
    "nom or org pe plc pro re sch school web",
)
#: The same where one country differs: China has a label for each province.
SECOND_LEVEL_OF = {
    "cn": words("ah bj cq fj gd gs gx gz ha hb he hi hk hl hn jl js jx ln mo nm nx qh sc sd sh sn sx tj tw"),
    "jp": words("ad gr lg tokyo osaka kyoto aichi hokkaido fukuoka kanagawa"),
    "kr": words("es hs kg seoul busan"),
    "tw": words("club ebiz game"),
    "uk": words("nhs police"),
    "us": words("ca fl ny tx wa"),
}
#: Domains whose subdomains belong to different people.
SHARED_DOMAINS = words(
    "github.io gitlab.io gitee.io pages.dev workers.dev netlify.app vercel.app web.app firebaseapp.com",
    "herokuapp.com appspot.com azurewebsites.net azurestaticapps.net cloudfront.net amazonaws.com onrender.com",
    "fly.dev surge.sh glitch.me repl.co replit.app hf.space streamlit.app readthedocs.io gitbook.io notion.site",
    "super.site bearblog.dev hashnode.dev blogspot.com wordpress.com tumblr.com substack.com ghost.io wixsite.com",
    "weebly.com webflow.io framer.website carrd.co mystrikingly.com cn.com us.com uk.com eu.com de.com jp.net",
    "uk.net gb.net br.com co.com eu.org myshopify.com jimdofree.com livejournal.com over-blog.com hatenablog.com",
    "fc2.com altervista.org medium.com itch.io bandcamp.com zendesk.com slack.com fandom.com neocities.org ngrok.io",
    "ngrok-free.app lovable.app is-a.dev js.org deno.dev r2.dev codeberg.page bitbucket.io sourceforge.io",
    "pythonanywhere.com typepad.com tistory.com beehiiv.com mirror.xyz atlassian.net trycloudflare.com",
)
#: Blogger has one name for each country; all lead to the blog at blogspot.com (support.google.com/blogger).
BLOGGER = r"\.blogspot\.(?:com?\.)?[a-z]{2}$"
#: Sites whose own name looks like one under which strangers register, or is one: here ``www.`` is no stranger.
OWN_SITES = words(
    "gov.uk web.de id.me bandcamp.com fandom.com itch.io livejournal.com medium.com neocities.org slack.com",
    "substack.com tistory.com tumblr.com typepad.com weebly.com wordpress.com zendesk.com",
)
#: A repository or folder named ``amp``, a file ``index.html``, a DOI: here authors name the path, and nothing in it is
#: the site's own mark.
VERBATIM_HOSTS = words(
    "github.com gitlab.com gitee.com gitcode.com codeberg.org bitbucket.org huggingface.co npmjs.com doi.org"
)

#: Families that put the mobile label in the middle: ``zh.m.wikipedia.org``.
MOBILE_IN_THE_MIDDLE = words(
    "wikipedia.org wiktionary.org wikinews.org wikiquote.org wikisource.org wikibooks.org wikiversity.org",
    "wikimedia.org",
)

#: Hosts that serve every path of another one.
ALIASES = by_host(
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
        "theregister.co.uk": "theregister.com",
        "thetelegraph.co.uk": "telegraph.co.uk",
        "threads.net": "threads.com",
    }
)

# -- parameters ------------------------------------------------------------------------------------------------------

#: Parameters (lower case) that never tell one page from another, on any site.
TRACKING = words(
    # advertising clicks
    "fbclid gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid msclkid yclid ymclid twclid ttclid tblci",
    "dicbo li_fat_id igsh igshid epik irclickid irgwc s_kwcid ef_id srsltid obclickid rb_clickid wickedid zanpid",
    "awc cjevent ranmid raneaid ransiteid qhclickid bd_vid _openstat",
    # mail and marketing suites
    "mc_cid mc_eid mkt_tok _ga _gl _gac vero_id vero_conv oly_anon_id oly_enc_id _bta_tid _bta_c _kx",
    "ck_subscriber_id ml_subscriber ml_subscriber_hash sfmc_id sfmc_sub et_rid elqtrackid elqtrack elqaid elqat",
    "elqcampaignid trk_contact trk_msg trk_module trk_sid hsctatracking hss_channel ss_source ss_campaign_id",
    "ss_email_id __s cm_mmc cm_mmca1 wt_mc wt.mc_id wt.mc_ev wt_mc_id wt.nav wt.srch s_cid xtor ns_mchannel",
    "ns_campaign ns_source ns_linkname ns_fee itm_source itm_medium itm_campaign itm_content itm_term itm_channel",
    "pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content piwik_campaign piwik_kwd piwik_keyword",
    "mtm_campaign mtm_kwd mtm_keyword mtm_source mtm_medium mtm_content mtm_cid mtm_group mtm_placement",
    "matomo_campaign matomo_kwd ga_source ga_medium ga_campaign ga_content ga_term sb_referer_host",
    "_branch_match_id _branch_referrer intcid int_cid intcmp icid msockid __source",
    # Piano, once AT Internet (developers.atinternet-solutions.com, "Marketing campaigns"); at_id may be an id
    "at_medium at_format at_link at_channel at_creation at_variant at_network at_term at_identifier at_emailtype",
    "at_general_placement at_detail_placement at_bbc_team",
    # Google Translate; _x_tr_tl is the language that the reader sees
    "_x_tr_sl _x_tr_hl _x_tr_pto _x_tr_sch _x_tr_hist",
    # shares, feeds and readers
    "guccounter .tsrc tsrc soc_src soc_trk ref_src ref_url __twitter_impression fb_action_ids fb_action_types",
    "fb_source fb_ref mibextid rdid share_source share_medium share_plat share_session_id share_times spm",
    "spm_id_from vd_source isappinstalled nsukey ivk_sa tdsourcetag adtag pgv_ref sudaref wxshare_count hmsr hmpl",
    "hmcu hmkw hmci u_atoken u_asession u_asig u_aref u_aset u_adata md5__1038 _rsc wprov xhsshare ref_",
    "unlocked_article_code triedredirect isfreemail showwelcomeonshare",
    # AMP viewers and sessions
    "amp_js_v amp_gsa amp_ct amp_latest_update_time usqp phpsessid jsessionid",
)
#: Likewise, whatever follows: Urchin/Google, AT Internet, Google article access, Yahoo consent, HubSpot, Amazon, ...
TRACKING_PREFIXES = (
    "utm_", "at_campaign", "at_custom", "at_link_", "at_ptr_", "at_recipient_", "at_send_", "gaa_", "guce_", "hsa_",
    "_hs", "__hs", "bsft_", "pf_rd_", "pd_rd_", "__cft__",
)  # fmt: skip
#: Parameters that are an identifier on some sites, but not with these values (lower case): a feed's or a chat's
#: signature, a newsletter's host name (not ``.dev``, for ``ref=feature.dev`` is a branch), an editor's access token (a
#: JSON Web Token begins with ``eyJ``), a campaign that is no number (some have company ids), Medium's marks on domains
#: of its customers (``source=rss----138adf9c44c---4``).
TRACKING_VALUES = {
    "from": r"rss|timeline|singlemessage|groupmessage|copylink",
    "source": r"rss|[a-z0-9_.]+-{3,}.*",
    "src": r"rss",
    "partner": r"rss",
    "campaign": r"rss",
    "ref": r"rss|(?:[a-z0-9-]+\.)+(?:com|org|net|news|io|co|ai|blog)",
    "access_token": r"eyj.*",
    "accesstoken": r"eyj.*",
    "cmpid": r"(?!\d*$).*",
    "gi": r"[0-9a-f]{12}",
}
#: Not tracking, but no other page either.
DISPLAY_VALUES = {
    "amp": r"(?:1|true)?",
    "format": r"amp",
    "output": r"amp",
    "outputtype": r"amp",
    "replytocom": r"\d+",
    "view": r"amp",
}

_DROP = {
    "36kr.com": "f from",
    "barrons.com marketwatch.com wsj.com *.wsj.com": "mod reflink st siteid tesla sharetoken",
    "*.blogspot.com": "m=0 m=1",
    "bilibili.com *.bilibili.com": "p=1 from from_source seid ts unique_k bbid share_from share_tag timestamp t",
    "bbc.com bbc.co.uk": "at_mid at_nation at_audience_id at_product at_brand at_objective",
    "bing.com": "cvid form pc ocid",
    "blog.csdn.net": "ops_request_misc request_id biz_id",
    "careerengine.us posts.careerengine.us": "from type",
    "cloud.tencent.com": "from areaid frompage policyid sharebychannel",
    "community.openai.com": "u",
    "docs.google.com drive.google.com": "usp ouid rtpof sd tab=t.0",
    "douban.com *.douban.com": "from dt_dapp dt_platform",
    "developer.aliyun.com alibabacloud.com *.alibabacloud.com": "scm",
    "dw.com": "maca",
    "facebook.com": "ref fref refid refsrc hc_ref _rdr paipv eav __tn__ __xts__",
    "feishu.cn *.feishu.cn larksuite.com *.larksuite.com": "from",
    "github.com": "tab=readme-ov-file",
    "google.com": "ved sa ei oq aqs sxsrf sourceid gs_lcp gs_lp sclient uact gws_rd rlz sca_esv ie",
    "linkedin.com *.linkedin.com": "trk trackingid lipi midtoken midsig originalsubdomain rcm refid",
    "medium.com *.medium.com": "source sk gi",
    "microsoft.com *.microsoft.com": "ocid",
    "mp.weixin.qq.com": (
        "scene xtrack srcid sharer_shareinfo sharer_shareinfo_first sharer_sharetime sharer_shareid ascene subscene"
        " devicetype version nettype abtest_cookie lang exportkey pass_ticket wx_header poc_token clicktime enterid"
        " sessionid mpshare click_id from fontscale fontgear session_us countrycode rd2werd acctmode wx_lang"
    ),
    "msn.com": "ocid cvid pc ei",
    "newyorker.com pitchfork.com vogue.com vanityfair.com gq.com allure.com arstechnica.com": "mbid",
    "news.qq.com new.qq.com view.inews.qq.com": "no-redirect",
    "nytimes.com *.nytimes.com": "smid smtyp pagewanted=all pagewanted=1",
    "notion.so *.notion.site": "pvs",
    "producthunt.com": "ref",
    "quora.com": "share ch oid srid",
    "sina.com.cn *.sina.com.cn sina.cn *.sina.cn": "froms cre rfunc tj tr vt wm",
    "sohu.com *.sohu.com": "spss pvid scm _f _trans_",
    "open.spotify.com": "si dl_branch nd",
    "substack.com *.substack.com": "r s publication_id post_id isfreemail triedredirect showwelcome token",
    "theguardian.com": "cmp dcr",
    "theinformation.com": "rc",
    "thepaper.cn": "from commtag",
    "threads.com": "xmt",
    "user.guancha.cn": "s",
    "washingtonpost.com": "tid itid",
    "weibo.com weibo.cn": "refer_flag",
    "wikipedia.org *.wikipedia.org": "useskin variant",
    "x.com": "s t lang ref_src cxt src",
    "xiaoyuzhoufm.com": "s",
    "xueqiu.com": "refer _ugc_source",
    "yahoo.com *.yahoo.com": "ncid fr",
    "youtube.com": "si feature ab_channel pp app sub_confirmation view_as cbrd ucbcb themerefresh",
    "163.com *.163.com": "clickfrom spss",
}
#: Parameters (lower case), or ``name=value``, that tell nothing on these hosts, though they may elsewhere.
DROP = by_host({hosts: words(names) for hosts, names in _DROP.items()})
#: The address of a letter of Substack, whose customers have domains of their own; there r= alone may be anything.
LETTER = r"/p/[\w-]+"
#: What Substack adds to it beside the next ones: a reader's and a publication's number.
LETTER_NOISE = r"r=[0-9a-z]{3,7}|(?:publication|post)_id=\d+"
#: What shows that it did.
LETTER_MARKS = r"(?:^|[&;])(?:utm_|triedredirect=|isfreemail=|showwelcomeonshare=)"

#: Outlets where the path of a story names it, so that unknown parameters come from sharing and measuring.
STORY_HOSTS = words(
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
#: A path that names a story: a slug of three words, or a number of four digits; no picture, list, month or stock.
STORY_PATH = (
    r"(?!.*\.(?:jpe?g|png|gif|webp|svg|mp4)$)(?!/20\d\d/\d\d$)"
    r"/(?!(?:author|calendar|category|hub|newsletters|newssearch|podcasts|quotes?|screener|search[^/]*|subjects|tags?"
    r"|topics?)(?:/|$))(?:.*\d{4}.*|.*-.*-.*)"
)
#: Even there these parameters may choose another page.
STORY_KEEPS = words(
    "id p q s v page pages aid sid article articleid article_id story storyid story_id query keyword search lang",
    "hl language locale edition format feed type tab doi pagewanted pagenumber pageno currentpage paged pg pn offset",
    "start issue date day month year topic keywords site",
)
#: A path that names a story on any host: a long slug, a number, a date.
STORY_NAMED = r"(?:-[^/-]+){3}|\d{5}|/(?:19|20)\d\d/(?:\d\d?|[a-z]{3})/"
#: What is left when the mark of an AMP page is taken off must look so: "/guitars/amp" is a page about amplifiers.
STORY_LIKE = rf"{STORY_NAMED}|[^/]\.s?html?$"
#: Outlets sell no amplifiers: there a shorter slug will do.
STORY_HOST_LIKE = rf"{STORY_LIKE}|-[^/-]*$|^/story/."
