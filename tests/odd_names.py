"""Names, titles, slugs and patterns that people give, and some that nobody should: for tests against real Hugo."""

from __future__ import annotations

#: Of files (without extension) and folders; each is one that Linux can hold.
NAMES = (
    "Foo - Bar", "R & D", "C++ tips", "learn-c#", "C#", "C# in depth", "F# & C#", "a  b", "a - b -- c", " lead",
    "trail ", "-lead", "trail-", "--", "-", "_", "__init__", "_x", "a_b", "a.b", "a.b.c", "v1.2.3", "node.js",
    "1.0", "a..b", "a.", "a...", "x.md", "x.markdown", "x.html", "file.tar.gz", "CAPS", "CamelCase",
    "MiXeD CaSe", "100%", "50% off", "a%20b", "a%2Fb", "a%41b", "%e4%b8%ad", "%zz", "a%", "a%4", "what?",
    "why? because", "a!b", "wow!", "it's", "it’s", "“quoted”", "'single'", '"double"', "a,b", "a;b", "a:b",
    "10:30 news", "a=b", "a=b&c=d", "a&b", "AT&T", "a+b", "+", "++", "a + b", "a@b", "@home", "me@example.org",
    "a~b", "~tilde", "a^b", "a|b", "a*b", "a<b>c", "(paren)", "a (b) c", "[x]", "{y}", "a[1]", "$price", "$",
    "a`b", "a\\b", "\\", "a#b", "a#b#c", "hash#", "café", "cafe\u0301", "naïve", "Ünïcödé", "ÉCOLE", "straße",
    "STRASSE", "İstanbul", "ISTANBUL", "ıstanbul", "ΑΣ", "Σίσυφος", "ΟΔΟΣ", "Ǆ", "ǅ", "ﬁne", "ſ", "K", "Å",
    "中文", "人工智能", "第 1 期", "你好，世界", "你好 世界", "（一）", "一、二", "「引」", "《书》", "a·b",
    "山姆·奥特曼", "——", "。", "！？", "…", "…x", "ａｂｃ", "ＡＢＣ", "２０２４", "全角　空格", "㈱", "①", "Ⅷ",
    "½", "x²", "H₂O", "日本語", "カタカナ", "ｶﾞ", "が", "か\u3099", "한국어", "한글 이름", "हिन्दी", "ไทย",
    "עברית", "العربية", "مرحبا", "русский", "ПРИВЕТ", "й", "и\u0306", "Ёлка", "Ελληνικά", "ภาษา", "বাংলা",
    "தமிழ்", "🚀", "🚀 launch", "launch 🚀", "a🚀b", "a 🚀 b", "👩‍👩‍👧", "👍🏽", "❤️", "☃", "™", "a™", "®",
    "€100", "£", "°C", "a°b", "§ 1", "¿que?", "¡hola!", "a–b", "a — b", "a‑b", "a\u00a0b", "a\u2003b",
    "a\u200bb", "a\u200db", "a\ufeffb", "a\u202eb", "a\u00adb", "a\tb", "a\u2028b", "a\u0085b", "a\u3000",
    "\u3000a", "a\u1680b", "𝔘𝔫𝔦", "𠮷野家", "𝟙𝟚", "𐐀", "ᏣᎳᎩ", "ꭰ", "Ⓐ", "2024-01-02-post", "2024-01-02 post",
    "2024", "01", "0", "con", "nul", "aux.x", "index2", "index-x", "Index.x", "_index2", "readme", "README",
    "LICENSE", "search", "404", "feed", "rss", "page", "tags", "en", "zh", "zh-cn", "de.x", "a.en-us",
    "new york's \"best\" pizza (2024) & more!", "a - 🚀 - b", "a , b", "a & b & c", "a &b", "a& b", "& a",
    "a &", "&", "& &", "a / b".replace("/", "∕"), "a⁄b", "x" * 120, "长" * 60, "a-" * 40,
)  # fmt: skip

TITLES = (
    "The Title", "What is new in C#", "C# and F#", "A/B test", "A / B - C", "/lead", "trail/", "C++ & Go",
    "100% sure", "50%20off", "a%2Fb", "İstanbul ΑΣ", "café CAFÉ", "屋顶 Garden 的秘密：番茄，而非黄瓜",
    "AI（智能）“引号”—破折号·间隔号…", "  spaced - dash --  dd", "-lead and trail-", "emoji 🚀 x",
    "Ⅷ ① ２０２５ Ａ", "a: b; c", "what? why!", "v1.0.", ".NET 9", "a_b~c@d", "Hello, World", "it's \"fine\"",
    "tab\there", "a\\b", "#1 in town", "1#", "##", "x ##", "+1", "a+b", "ends +",
)  # fmt: skip

SLUGS = (
    "", "My Slug", "own", "-own-", "a/b", "a/b/", "/lead/", "c#", "C#/x", "c++", "a+b", "R & D", "été",
    "短 标题", "x.", ".x", "x.html", "50%", "a%20b", "a%2Fb", "a -- b", " lead", "100% ok", "a'b", "a?b", "a:b",
    "index", "UPPER", "a..b", "a\\b",
)  # fmt: skip

PATTERNS = (
    "/:year/:month/:day/:slug/", "/:year/:slug/", "/:year/:monthname/:title/",
    "/:weekday/:weekdayname/:yearday/:filename/", "/:section/:slug/", "/:section/:title", ":section/:filename",
    "/:sections/:slug/", ":sections/:contentbasename/", "/:sections[0]/:slug/", "/:sections[1]/:slug/",
    "/:sections[9]/:slug/", "/:sections[last]/:slug/", "/:sections[1:]/:slug/", "/:sections[:1]/:slug/",
    "/:sections[:last]/:slug/", "/:sections[1:last]/:slug/", "/:sections[0:2]/:slug/", "/:sections[x]/:slug/",
    "/:sections[-1]/:slug/", "/:sections[last:]/:slug/", "/:sections[:9]/:slug/", "/:sections[:]/:slug/",
    "/:sectionslug/:slug/", "/:sectionslugs/:slug/", "/:sectionslugs[0]/:slug/", "/:sectionslugs[1:]/:slug/",
    "/:sectionslugs[last]/:slug/", "/x/:slugorfilename/", "/x/:slugorcontentbasename/", "/x/:contentbasename/",
    "/x/:filename", "/x/:title", "/x/:slug", "/:2006/:slug/", "/:2006/:01/:02/:slug/", "/:06/:1/:2/:slug/",
    "/:Jan/:slug/", "/:January/:slug/", "/:Mon/:Monday/:slug/", "/:2006-:01-:02-:slug/", "/:2006-01/:slug/",
    "/:20060102/:slug/", "/:15:04:05/:slug/", "/:03/:3/:4/:5/:slug/", "/:002/:slug/", "/:_2/:slug/",
    "/:2006_01_02/:slug/", "/:MST/:slug/", "/:Z0700/:slug/", "/:January2/:slug/", "/a\\:b/:slug/",
    "/:year\\:x/:slug/", "/A Caps & More/:slug/", "/a+b/:slug/", "/a%20b/:slug/", "/é/:slug/",
    "/中文/:year/:slug/", "/:slug.html", "/:year/:slug.php", "/:slug", ":slug", ":year:month/:slug/",
    "/p-:slug/", "/:slug-:year/", "/:slug/:title/", "/:filename/:slug/", "/a//b/:slug/", "/./a/../b/:slug/",
    "/:section/:section/:slug/", "/#/:slug/", "/x#:slug/", "/:year/:yearday/:month/:monthname/:slug/",
    "/:title-:filename/", "/blog/:contentbasename/index/", "/:slug/index.html",
)  # fmt: skip

#: ``url`` of front matters.
URLS = (
    "/:year/:slug/", "/:slug", ":slug/", "/:sections/:slug/", ":sections/:slug/", "/:section/x/", "/:title/",
    "/:filename.html", "/a\\:b/", "/a\\:b/:slug/", "/10\\:30", "/Some/Path/", "/Some/Path", "relative/",
    "relative", "/page.html", "page.html", "/v1.0/x", "/v1.0/x/", "/a.b", "/a.php", "/feed.xml", "/index.html",
    "/a/index.html", "/a/index.htm", "/With Space/", "/关于/", "/关于", "/café", "/a&b/", "/a+b/", "/a'b/",
    "/a(b)/", "/a!b*/", "/a'b/é/", "/a[1]/", "/a,b;c=d/", "/a@b/", "/a$b/", "/a#b/", "/#/", "/a%20b/",
    "/a%2Fb/", "/%e4%b8%ad/", "/a%20b/é/", "/A~b_c-d/", "/a//b/", "//a/b/".lstrip("/"), "/../up/", "a/../b/",
    "/a/..", "a/../../b", "/a..b/", "/a..b", "/a\\b/", "/a|b/", '/a"b/', "/a<b>/", "/a^b`c/", "/a{b}/",
    "/:2006/:01/:slug/", "/:year-:month-:day-:title", "/:contentbasename/", "/:slugorfilename/",
    "/:sections[1:]/:slug/", "/:sectionslug/:slug", "/zh/x/", "/en/x/", "en/x/", "/é/:slug/", "/a+b/:slug/",
    "/a%20b/:slug/", "/100%/:slug/", "/🚀/", "/:title.html", "/x/:monthname/:Jan/:slug/", "/a:/:slug/", "/",
)  # fmt: skip

#: Of terms; and the names, which are terms as well.
TERMS = (
    "AI & ML", ".NET", "C#", "C++", "F#", "a/b", "#", "##", "#hash", "INDEX", "Node.js", "ASP.NET", "人工智能",
    "机器 学习", "低代码/无代码", "山姆·奥特曼", "café", "Café", "R&D", "Q&A", "What?", "50%", "a - b",
    "two  blanks", "İ", "ß", "🚀", "🚀 x", "-x-", "x.", "..x", "a\\b",
)  # fmt: skip
