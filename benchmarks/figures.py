"""The figures of a real site, as tables that corpus.py draws from: (value, weight) unless said otherwise.

Counted on 1,012 articles and 4,014 citations of a Chinese news site; the second size of the reuse processes on the
same site grown to 10,000 articles.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

#: The closed list, with the uses of each place in it (the names are ours).
TOPICS = (
    ("公司与市场版图", 161),
    ("工作与社会", 84),
    ("模型与算法", 75),
    ("智能体系统", 73),
    ("伦理与规则", 60),
    ("投资与并购", 55),
    ("企业数字化", 41),
    ("内容生成", 30),
    ("机器人与实体", 24),
    ("数据与开放社区", 21),
    ("算力与硬件", 20),
    ("软件工程", 20),
    ("科学发现", 15),
    ("安全与国际局势", 9),
)

#: Mean 7.3.
TAGS_PER_ARTICLE = (
    (2, 2),
    (3, 3),
    (4, 5),
    (5, 8),
    (6, 11),
    (7, 13),
    (8, 40),
    (9, 9),
    (10, 5),
    (11, 2),
    (12, 1),
    (13, 1),
)
#: Mean 2.57 where there are any; 7 % have none, so 2.4 over all.
TOPICS_PER_ARTICLE = ((1, 1), (2, 41), (3, 58))
CITATIONS_PER_ARTICLE = (
    (0, 52),
    (1, 78),
    (2, 108),
    (3, 128),
    (4, 164),
    (5, 335),
    (6, 105),
    (7, 14),
    (8, 10),
    (9, 8),
    (10, 10),
)
HEADINGS = (("## 引用", 579), ("## References", 264), ("## 引文", 97), ("## 引文部分", 12), ("### References", 4))
#: 30 % of the definitions name no URL.
FORMS = (
    ("[{title}]({url})·{publisher}·{author}（{date}）·检索日期{accessed}", 1447),
    ("{title}·{publisher}·{author}（{date}）·检索日期{accessed}", 1138),
    ("{author}（{date}）。[{title}]({url})。{publisher}。检索日期{accessed}。", 900),
    ('{author}. ({date}). "[{title}]({url})". {publisher}. Retrieved {accessed}.', 220),
    ("{author}（{date}）。{title}。{publisher}。检索日期{accessed}。", 81),
    ('<a href="{url}" target="_blank">{title}</a> · {publisher} · {author} ({date}) · 检索日期{accessed}', 73),
    ("{title}（{date}）。[{url}]({url})。{publisher}。", 72),
    ("{title} ({url})·{publisher}·{author}（{date}）·检索日期{accessed}", 42),
    ("{title}·[{publisher}]({url})·{author}（{date}）·检索日期{accessed}", 19),
    ("{title}。<{url}>", 11),
    ("[{title}·{publisher}·{author}（{date}）·检索日期{accessed}]({url})", 6),
    ("{publisher}. ([{date}]({url}))。{title}。{publisher}。", 3),
)
DATE_FORMS = (
    ("{0.year}/{0.month}/{0.day}", 60),
    ("{0:%Y/%m/%d}", 12),
    ("{0:%Y-%m-%d}", 5),
    ("{0.year}年{0.month}月{0.day}日", 5),
    ("{0.year}年{0.month}月", 2),
    ("{0.year}", 1),
    ("未知日期", 10),
    ("n.d.", 5),
)
#: The hosts cited most; what is left goes to a long tail of hosts that are named once or twice.
HOSTS = (
    ("mp.weixin.qq.com", 135),
    ("finance.sina.com.cn", 131),
    ("m.36kr.com", 129),
    ("www.36kr.com", 117),
    ("news.qq.com", 88),
    ("zhuanlan.zhihu.com", 82),
    ("36kr.com", 68),
    ("www.163.com", 61),
    ("www.sohu.com", 54),
    ("arxiv.org", 39),
    ("www.theguardian.com", 36),
    ("www.ft.com", 35),
    ("www.qbitai.com", 29),
    ("www.infoq.cn", 25),
    ("x.com", 24),
    ("techcrunch.com", 24),
    ("www.wsj.com", 24),
    ("blog.csdn.net", 24),
    ("www.thepaper.cn", 19),
    ("www.nytimes.com", 17),
    ("www.reuters.com", 16),
    ("github.com", 16),
    ("venturebeat.com", 15),
    ("www.huxiu.com", 13),
    ("www.youtube.com", 11),
    ("www.wired.com", 11),
    ("openai.com", 10),
    ("", 1679),
)
#: Paths where the host's own shape decides which pages are one.
HOST_PATHS = {
    "mp.weixin.qq.com": "/s/{key}",
    "m.36kr.com": "/p/{number}",
    "www.36kr.com": "/p/{number}",
    "36kr.com": "/p/{number}",
    "zhuanlan.zhihu.com": "/p/{number}",
    "arxiv.org": "/abs/{day:%y%m}.{short:05d}",
    "x.com": "/{word}/status/{number}",
    "github.com": "/{word}/{key}",
    "www.youtube.com": "/watch?v={key:.11}",
    "www.163.com": "/dy/article/{key}.html",
}
OTHER_PATHS = (
    ("/{day:%Y/%m/%d}/{word}-{short}/", 4),
    ("/article/{number}.html", 3),
    ("/news/{word}/{short}", 2),
    ("/a/{number}?from=timeline&utm_source=feed", 1),
)
IMAGES = (
    ("/newsimages/selected_image_YYYY-{at:%m}-{at:%b} {at.day}, {at:%Y_%H-%M-%S}-{short}.jpg", 502),
    ("images/default ({digit}).png", 161),
    ("/img/{word}-{short}.webp", 103),
    ("https://img.{word}.example/{day:%Y%m}/{number}.png", 86),
    ("https://img.{word}.example/view/{number}?width=1200&fit=crop", 28),
    ("", 5),
    (None, 50),
)
#: The dozen sources that get a feed of their own: as cited, under two of their names.
SOURCES = (
    ("微信公众平台", "https://mp.weixin.qq.com/"),
    ("36氪", "https://www.36kr.com/"),
    ("新浪财经", "https://finance.sina.com.cn/"),
    ("腾讯新闻", "https://news.qq.com/"),
    ("知乎专栏", "https://zhuanlan.zhihu.com/"),
    ("网易", "https://www.163.com/"),
    ("搜狐", "https://www.sohu.com/"),
    ("arXiv", "https://arxiv.org/"),
    ("The Guardian", "https://www.theguardian.com/"),
    ("Financial Times", "https://www.ft.com/"),
    ("量子位", "https://www.qbitai.com/"),
    ("WIRED", "https://www.wired.com/"),
)

#: What an article calls the publisher of a page on one of those hosts.
PUBLISHERS = {url.split("/")[2]: name for name, url in SOURCES}

EAST8 = timezone(timedelta(hours=8))
#: The newest article; the others go back from here, 105 minutes apart on average: 10,000 articles in two years.
NEWEST = datetime(2025, 7, 13, 0, 10, tzinfo=EAST8)
MEAN_GAP_SECONDS = 105 * 60
#: One article in three appears at the very instant of its neighbour (batch runs).
SHARED_INSTANT = 0.34
#: Bytes of Markdown after the front matter: median and spread, which give a mean of 7.8 KB.
BODY_MEDIAN_BYTES, BODY_SIGMA = 7_240, 0.22


#: How names come back: (discount, strength) of a Pitman-Yor process, solved from the counts of distinct names at
#: two sizes. Tags: 2,743 at 1,006 articles and 14,545 at 10,000. Topics outside the closed list: 559 and 4,023.
TAG_REUSE = (0.715, 79.6)
TAIL_REUSE = (0.812, 182.0)
#: The hosts outside the table: about 700 at 1,012 articles.
HOST_REUSE = (0.65, 60.0)
#: Share of the topics of an article that come from the closed list.
CLOSED_TOPICS = 0.724
#: Share of the articles in the older shape: flow lists, a UTC date, no topics, twelve fields.
OLDER_SHAPE = 0.07
#: Share of the citations that name a page that was cited before.
CITED_AGAIN = 0.19
#: Share of the definitions that some marker in the text points to.
REFERENCED = 0.75

SENTENCES = (
    "{opener}，{adjective}{noun}{adverb}{verb}{other}{ending}。",
    "{noun}与{other}的关系{adverb}被{third}{verb}，{adjective}的{fourth}也在其中。",
    "{name}把{adjective}{noun}的份额做到{number}%，{other}{adverb}随之{verb}{third}。",
    "**{noun}{other}：**{adverb}{verb}{adjective}的{third}{ending}，{opener}这并不意外。",
    "当{noun}{verb}{other}，{adjective}{third}就成了{fourth}{ending}。",
    "{opener}，“{noun}{verb}{other}”只是一句口号，{name}的{third}{adverb}离不开{fourth}。",
    "{name}（{other_name}）说，{noun}{adverb}{verb}{other}，但{adjective}{third}还差{number}个百分点。",
    "对{noun}来说，{other}{adverb}不是问题，问题是谁来{verb}{third}{ending}。",
    "{opener}，{noun}、{other}和{third}{adverb}{verb}同一份{fourth}，{adjective}的做法并不多见。",
)
TITLES = (
    "{name}的{adjective}{noun}：当{other}{adverb}{verb}{third}，谁来定义{fourth}{ending}？",
    "从{noun}到{other}：{name}与{other_name}如何{verb}{adjective}{third}{ending}",
    "{noun}{adverb}{verb}{other}：{name}与{adjective}{third}的{number}天，以及{fourth}{ending}",
    "“{noun}”之后，{other}如何{verb}{third}{ending}：来自{name}的{number}个{adjective}{fourth}",
)
HEADLINES = ("{adjective}{noun}：{verb}{other}{ending}", "{noun}与{other}{ending}", "谁在{verb}{noun}")
#: As reports in English are cited.
ENGLISH = "{name} {other_name}: {number} Notes on the {word} Model"
