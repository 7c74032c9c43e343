"""The language of a site that states none: guessed from its articles, the same each time, and told."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from feeds.app import App
from feeds.content.files import ContentRoot, scan
from feeds.content.languages import guess_language, guess_site_language, most_used
from tests.sites import NOW, SmallSite

TEXTS = {
    "en": "The new release of the library is out, and you can install it with pip. It has a faster parser.",
    "de": "Die neue Version der Bibliothek ist da, und man kann sie mit pip installieren. Das ist nicht schwer.",
    "fr": "La nouvelle version de la bibliothèque est disponible, et vous pouvez l'installer avec pip.",
    "es": "La nueva versión de la biblioteca está disponible y se puede instalar con pip para los usuarios.",
    "pt": "A nova versão da biblioteca está disponível e você pode instalar com pip. Não é difícil para os usuários.",
    "it": "La nuova versione della libreria è disponibile e si può installare con pip. Non è difficile.",
    "nl": "De nieuwe versie van de bibliotheek is beschikbaar en je kunt het met pip installeren.",
    "sv": "Den nya versionen av biblioteket är här och du kan installera det med pip. Det är inte svårt.",
    "da": "Den nye version af biblioteket er her, og du kan installere det med pip. Det er ikke svært at gøre.",
    "nb": "Den nye versjonen av biblioteket er her, og du kan installere det med pip. Det er ikke vanskelig å gjøre.",
    "pl": "Nowa wersja biblioteki jest dostępna i można ją zainstalować z pip. To nie jest trudne, co się da.",
    "cs": "Nová verze knihovny je tady a můžete ji nainstalovat s pip. To není těžké, ale je to tak.",
    "tr": "Kütüphanenin yeni sürümü çıktı ve pip ile kurulabilir. Bu çok kolay bir iş ama daha sonra.",
    "vi": "Phiên bản mới của thư viện đã có và bạn có thể cài đặt với pip cho người dùng.",
    "ru": "Новая версия библиотеки вышла, и её можно установить.",
    "uk": "Нова версія бібліотеки вийшла, і її можна встановити.",
    "el": "Η νέα έκδοση της βιβλιοθήκης είναι έτοιμη.",
    "ar": "صدرت نسخة جديدة من المكتبة ويمكن تثبيتها",
    "he": "גרסה חדשה של הספרייה יצאה",
    "th": "ไลบรารีรุ่นใหม่ออกแล้ว",
    "hi": "लाइब्रेरी का नया संस्करण आ गया है",
    "ja": "ライブラリの新版が公開されました。",
    "ko": "라이브러리의 새 버전이 나왔습니다.",
    "zh-CN": "这个库的新版本来了，可以用 pip install feeds 安装。",
    "zh-TW": "這個函式庫的新版本來了，可以用 pip 安裝。",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_sentence_or_two_tell_the_language(language: str) -> None:
    assert guess_language(TEXTS[language]) == language


@pytest.mark.parametrize("language", ["en", "zh-CN", "de"])
def test_code_markup_addresses_and_keys_are_no_prose(language: str) -> None:
    code = "```python\nfor it in the_list: print(it)  # that is to be in the list\n```\n"
    noise = f"{code}<div class='and the of to'></div> https://x.example/the/and/of/to/in/that `the and of`\n"
    front = "---\ntitle: A\ntags: [the, and, of, to]\nsummary: the and of\n---\n"

    assert guess_language(f"{front}{noise}\n{TEXTS[language]}") == language


def test_a_title_tells_where_the_text_is_short() -> None:
    assert guess_language("---\ntitle: Die Katze und der Hund\n---\nx") == "de"


@pytest.mark.parametrize("text", ["", "x", "1 2 3", "https://x.example/", "Foo Bar Baz Quux Corge", "---\n---\n"])
def test_what_tells_nothing_is_no_language(text: str) -> None:
    assert guess_language(text) == ""


def test_the_language_of_most_counts_and_the_first_in_the_alphabet_of_two() -> None:
    assert most_used(["zh-CN", "en", "", "", "", "zh-CN"]) == "zh-CN"
    assert most_used(["fr", "en"]) == most_used(["en", "fr"]) == "en"
    assert most_used([""]) == most_used([]) == ""


def test_a_sample_is_bounded_and_always_the_same(tmp_path: Path) -> None:
    for number in range(300):
        language = "en" if number % 3 else "fr"
        (tmp_path / f"{number}.md").write_text(TEXTS[language], encoding="utf-8")
    files = scan([ContentRoot(path=str(tmp_path), name="content")]).files

    assert guess_site_language(files) == guess_site_language(dict(reversed(files.items()))) == ("en", 40)


CONFIG = 'site: {title: T, url: "https://garden.example/"}\ncontent: [{path: content/posts}]\n'


@pytest.mark.parametrize("language", ["en", "de", "zh-CN", "ja"])
def test_a_site_without_a_language_takes_that_of_its_articles_and_says_so(tmp_path: Path, language: str) -> None:
    site = SmallSite.make(tmp_path / "site", CONFIG)
    for name in "abc":
        site.write(name, title="A", body=TEXTS[language])

    [said] = [problem for problem in site.rebuild().problems if problem.what == "site.language"]

    assert f"<language>{language}</language>" in (site.output / "rss.xml").read_text(encoding="utf-8")
    assert str(said) == (
        f'{site.root}/sources.yaml:1: site.language: is not set; "{language}" was taken, guessed from the text of 3 of '
        f'its articles (write "language: {language}" below "site:", or another)'
    )
    assert said in App(str(site.root / "sources.yaml")).check(now=NOW, progress=lambda *_: None).problems
    assert said in site.rebuild().problems


def test_a_site_that_tells_nothing_is_english_and_one_that_states_a_language_is_not_guessed(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site", CONFIG)
    [said] = site.rebuild().problems
    assert (said.what, said.why) == ("site.language", 'is not set; "en" was taken, since no article tells')

    stated = SmallSite.make(tmp_path / "stated", CONFIG.replace("site: {", "site: {language: fr, "))
    stated.write("a", body=TEXTS["en"])
    assert stated.rebuild().problems == []
    assert "<language>fr</language>" in (stated.output / "rss.xml").read_text(encoding="utf-8")


PLACEHOLDERS = [
    ("My site", "https://example.org/", ["site.title", "site.url"]),
    ("My New Hugo Site", "https://example.org/", ["site.title", "site.url"]),
    ("My site", "https://garden.example/", ["site.title"]),
    ("T", "http://localhost:1313/", ["site.url"]),
    ("T", "http://127.0.0.1:4000/", ["site.url"]),
    ("T", "https://example.com/", ["site.url"]),
    ("T", "http://www.yoursite.com/blog/", ["site.url"]),
    ("T", "https://example.org/", []),
    ("T", "https://localhost-news.org/", []),
]


@pytest.mark.parametrize(("title", "url", "told"), PLACEHOLDERS)
def test_placeholders_are_told_by_every_run_with_their_lines(
    tmp_path: Path, title: str, url: str, told: list[str]
) -> None:
    config = f'site:\n  title: {title}\n  url: "{url}"\n  language: en\ncontent: [{{path: content/posts}}]\n'
    site = SmallSite.make(tmp_path / "site", config)

    runs = [site.rebuild().problems, list(App(f"{site.root}/sources.yaml").check(now=NOW, progress=print).problems)]

    lines = {"site.title": 2, "site.url": 3}
    for problems in runs:
        assert [(p.what, p.line, p.severity) for p in problems] == [(key, lines[key], "warning") for key in told]
        assert all("write the" in p.fix for p in problems)


def test_what_init_writes_for_an_unknown_site_is_told(tmp_path: Path) -> None:
    site = SmallSite(tmp_path / "site")
    (site.root / "content").mkdir(parents=True)
    for name in ("one", "two"):
        (site.root / "content" / f"{name}.md").write_text(f"# {name}\n\n{TEXTS['de']}\n", encoding="utf-8")

    assert site.run("init").returncode == 0
    written = (site.root / "sources.yaml").read_text(encoding="utf-8")
    said = site.run("check").stderr

    assert re.search(r"^  language: de\b", written, re.MULTILINE)
    assert '# Note: the language "de" was guessed from the text of 2 articles; correct it if it is another.' in written
    assert 'site.title: "My site" is a placeholder' in said
    assert 'site.url: "https://example.org/" is a placeholder' in said


@pytest.mark.parametrize("piece", ["```", "`", "<a", "---\n", "https://", "[^", "的", "a ", "\n"])
def test_hostile_texts_are_bounded_in_time(piece: str) -> None:
    start = time.process_time()

    guess_language((piece * 8_000)[:8_000])

    assert time.process_time() - start < 1
