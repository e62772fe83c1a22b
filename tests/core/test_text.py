"""What members write is shown as they meant it, harms nobody, and never keeps the site waiting."""

import time
from html.parser import HTMLParser
from itertools import product

import pytest
from hostile_texts import ALL, FORGERIES
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from community.core import text_guard, text_worker
from community.core.diff import word_diff
from community.core.text import (
    CitationCard,
    CitationRef,
    clean_text,
    diff_markup,
    excerpt,
    expand_citations,
    highlight,
    plain_text,
    quote_markdown,
    render_markdown,
    to_markup,
)
from community.core.text_filters import allowed_url, last_gate

TAGS = set(
    [
        "p",
        "br",
        "hr",
        "h3",
        "h4",
        "h5",
        "h6",
        "strong",
        "em",
        "sup",
        "code",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "a",
        "img",
    ]
)
TAGS |= set(["table", "thead", "tbody", "tr", "th", "td", "div", "span"])
ATTRIBUTES = set(
    ["href", "title", "class", "src", "alt", "loading", "align", "start", "id", "tabindex", "data-cite", "rel"]
)


class Oracle(HTMLParser):
    """Reads the result as a browser would and lists whatever has no business there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.links: list[dict[str, str]] = []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        self.wrong += [f"<{tag}>"] * (tag not in TAGS) + [f"{tag} {name}" for name in names if name not in ATTRIBUTES]
        for name in ("href", "src"):
            address = (names.get(name) or "").strip().lower()
            if name in names and not address.startswith(("https://", "http://", "mailto:", "/", "#", "?")):
                self.wrong += [address] * (":" in address or "\\" in address)
            if address.startswith(("//", "/\\")):
                self.wrong.append(address)
        if tag == "img" and not (names.get("src") or "/fichiers/").startswith("/fichiers/"):
            self.wrong.append("foreign image")
        if tag == "a":
            self.links.append(names)

    def handle_comment(self, data):
        self.wrong.append(f"<!--{data}-->")

    handle_decl = handle_pi = unknown_decl = handle_comment


def inspected(html: str) -> Oracle:
    oracle = Oracle()
    oracle.feed(html)
    oracle.close()
    return oracle


def html_of(text: str, resolver=None) -> str:
    return render_markdown(text, "p12-", resolver).html


@pytest.fixture
def helper():
    helper = text_worker.HelperProcess()
    yield helper
    helper.close()


# --- Nothing that acts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ALL)
def test_a_hostile_text_becomes_words(text):
    assert inspected(html_of(text)).wrong == []


@pytest.mark.parametrize("wrapping", ["> {}", "- {}", "**{}**", "[{}](https://a.example)", "| a |\n|---|\n| {} |"])
def test_hostile_texts_stay_words_inside_other_markup(wrapping):
    wrong = {text: inspected(html_of(wrapping.format(text))).wrong for text in ALL}
    assert {text: found for text, found in wrong.items() if found} == {}


@pytest.mark.parametrize("text", ALL)
def test_each_sanitiser_holds_on_its_own(text):
    """The last gate alone, on raw HTML that no parser has escaped."""
    assert inspected(last_gate(text, "nonce", "p12-")).wrong == []


@given(
    st.lists(
        st.sampled_from(ALL) | st.text(max_size=40) | st.sampled_from(list("[]()<>!`*_\n&#\"'@:/\\|-")), max_size=8
    )
)
@settings(max_examples=300, deadline=None)
def test_no_mixture_of_hostile_texts_acts(parts):
    html = html_of("".join(parts))
    assert inspected(html).wrong == []
    assert "<script" not in html.lower()


@given(st.text(alphabet=st.characters(codec=None), max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_rendered_and_can_be_stored(text):
    rendered = render_markdown(text, "p1-")
    rendered.html.encode()
    assert "\x00" not in rendered.html
    assert inspected(rendered.html).wrong == []


@pytest.mark.parametrize(
    "address", ["http://a.fr", "HTTPS://a.fr/x?y=1&z=2#t", "mailto:a@b.fr", "/questions/1", "page", "?p=2"]
)
def test_ordinary_addresses_are_links(address):
    assert allowed_url(address)


@pytest.mark.parametrize(
    "address", ["//a.fr", "/\\a.fr", "\\\\a.fr", "\t//a.fr", "ftp://a.fr", "javascript:x", "java\u200bscript:x"]
)
def test_other_addresses_are_not(address):
    assert not allowed_url(address)


# --- Writing ----------------------------------------------------------------------------------------------------------


def test_headings_start_below_those_of_the_page():
    assert (
        html_of("# Un\n\n## Deux\n\nTrois\n=====\n\n###### Six")
        == "<h3>Un</h3>\n<h4>Deux</h4>\n<h3>Trois</h3>\n<h6>Six</h6>"
    )


def test_a_list_may_follow_its_sentence():
    assert html_of("Il faut :\n- allotir\n- sourcer").count("<li>") == 2
    assert "<li>" not in html_of("Publié en\n2019. Depuis, rien.")


def test_french_typography_is_left_alone():
    text = "L’acheteur\u00a0: « œuvre »\u00a0? 1\u202f500,50\u00a0€ – n°\u00a012… c’est l’été"
    assert plain_text(html_of(text)) == text


def test_a_table_keeps_its_alignment_and_scrolls_alone():
    html = html_of("| Critère | Poids |\n|:--|--:|\n| Prix | 40 % |")
    assert '<div class="table-scroll" tabindex="0">' in html and '<td align="right">40 %</td>' in html
    assert "style=" not in html


def test_code_is_shown_and_never_run():
    html = html_of("```sql\nSELECT '<b>'\n```\n\n`R. 2123-1`")
    assert html == "<pre><code class=\"language-sql\">SELECT '&lt;b&gt;'\n</code></pre>\n<p><code>R. 2123-1</code></p>"


def test_an_unclosed_fence_is_text():
    assert html_of("```\nun\n\ndeux") == "<p>```\nun</p>\n<p>deux</p>"


def test_footnotes_of_two_posts_do_not_collide():
    text = "Voir[^ma note].\n\n[^ma note]: Article L. 2113-10"
    first, second = render_markdown(text, "p1-").html, render_markdown(text, "p2-").html
    assert 'href="#p1-fn-1"' in first and 'id="p1-fn-1"' in first and 'id="p1-fnref-1"' in first
    assert "p2-" not in first and 'id="p2-fn-1"' in second


def test_a_prefix_that_could_break_an_id_is_refused():
    with pytest.raises(ValueError, match="prefix"):
        render_markdown("x", 'p1" onclick="')


def test_an_address_is_a_link_without_its_punctuation():
    links = inspected(
        html_of("(voir https://ex.fr/a_(b)?x=1&y=2), puis https://ex.fr/c. Enfin « https://ex.fr/d ».")
    ).links
    assert [link["href"] for link in links] == ["https://ex.fr/a_(b)?x=1&y=2", "https://ex.fr/c", "https://ex.fr/d"]


def test_only_links_that_leave_the_site_are_marked():
    outside, inside = inspected(html_of("[a](https://ex.fr/ 'un titre') [b](/questions/1-x)")).links
    assert outside["rel"] == "nofollow ugc noopener noreferrer"
    assert "rel" not in inside and inside["href"] == "/questions/1-x"


def test_images_are_ours_or_links():
    html = html_of("![plan](/fichiers/12/plan.png) ![autre](https://ex.fr/a.png)")
    assert '<img alt="plan"' in html and 'src="/fichiers/12/plan.png"' in html and html.count("<img") == 1
    assert inspected(html).links[0]["href"] == "https://ex.fr/a.png"


def test_links_never_nest():
    html = html_of("[avant [[clause:3]] après](https://ex.fr) [![x](https://ex.fr/a.png)](https://ex.fr/b)")
    assert "<a" not in html[: html.index('data-cite="clause:3"')]
    assert html.count("<a") == 1


# --- Mentions ---------------------------------------------------------------------------------------------------------


def test_a_mention_links_to_the_member_under_the_present_name():
    rendered = render_markdown("Merci @[Ancien Nom](member:12) !", "p1-", lambda ids: {12: "Inès Le Goff"})
    assert '<a class="mention" href="/membres/12-ines-le-goff">@Inès Le Goff</a>' in rendered.html
    assert rendered.mentions == (12,)


def test_a_mention_of_nobody_is_text_and_calls_nobody():
    rendered = render_markdown("@[Personne](member:99)", "p1-", lambda ids: {})
    assert (rendered.html, rendered.mentions) == ("<p>@Personne</p>", ())


def test_a_mention_in_code_calls_nobody():
    assert render_markdown("`@[Paul](member:4)`", "p1-", lambda ids: {4: "Paul"}).mentions == ()


def test_the_resolver_is_asked_once_and_only_when_needed():
    calls = []
    render_markdown("@[A](member:1) @[B](member:2) @[A](member:1)", "p1-", lambda ids: calls.append(set(ids)) or {})
    render_markdown("personne", "p1-", lambda ids: calls.append(set(ids)) or {})
    assert calls == [{1, 2}]


def test_a_name_cannot_carry_markup():
    html = html_of("@[x](member:1)", lambda ids: {1: "<b>*Paul*</b>"})
    assert ">@&lt;b&gt;*Paul*&lt;/b&gt;</a>" in html


def test_a_text_cannot_call_the_whole_platform():
    text = " ".join(f"@[M](member:{n})" for n in range(200))
    assert len(render_markdown(text, "p1-").mentions) == 50


# --- Citations --------------------------------------------------------------------------------------------------------

CARD = CitationCard("Clause", "Délai <récolte>", "/clauses/12-delai/v3", "version 3", "une version 4 existe")


def test_a_citation_is_stored_without_what_it_shows():
    rendered = render_markdown("Voir [[clause:12@3]] et [[question:45]].", "p1-")
    assert rendered.citations == (CitationRef("clause", 12, 3), CitationRef("question", 45))
    assert '<span class="citation" data-cite="clause:12@3"></span>' in rendered.html


def test_a_citation_shows_its_card_to_who_may_see_it():
    html = html_of("Voir [[clause:12@3]].")
    shown = expand_citations(html, lambda wanted: {CitationRef("clause", 12, 3): CARD})
    assert isinstance(shown, Markup)
    assert '<a href="/clauses/12-delai/v3">Délai &lt;récolte&gt;</a>' in shown
    assert "version 3" in shown and "une version 4 existe" in shown


def test_a_citation_shows_nothing_to_who_may_not():
    shown = expand_citations(html_of("Voir [[clause:12@3]]."), lambda wanted: {})
    assert "contenu non accessible" in shown
    assert "12" not in shown and "clause" not in shown


def test_looking_up_happens_once_and_only_for_texts_that_cite():
    calls = []
    expand_citations(html_of("[[clause:1]] [[clause:1]] [[sheet:2]]"), lambda wanted: calls.append(list(wanted)) or {})
    expand_citations(html_of("rien"), lambda wanted: calls.append(list(wanted)) or {})
    assert calls == [[CitationRef("clause", 1), CitationRef("sheet", 2)]]


@pytest.mark.parametrize("text", FORGERIES)
def test_nothing_written_forges_a_citation(text):
    for html in (html_of(text), last_gate(text, "nonce", "p1-"), render_markdown("[" * 600 + text, "p1-").html):
        assert "contenu non accessible" not in expand_citations(html, lambda wanted: {})


def test_a_citation_alone_is_a_block():
    assert html_of("[[document:3]]").startswith('<p class="citation-block">')


# --- Bounds -----------------------------------------------------------------------------------------------------------

PAST_BOUNDS = {
    "length": "mot " * 8_000,
    "lines": "a\n" * 3_100,
    "tags": "<" * 2_100,
    "footnotes": "[^1] \n\n" * 301,
    "headings": "# a\n" * 201,
    "quotes": "> " * 11 + "a",
    "lists": "\n".join("    " * depth + "- a" for depth in range(12)),
    "inline lists": "- " * 11 + "a",
    "brackets": "[a] " * 501,
    "depth": "[" * 21,
}


@pytest.mark.parametrize("name", PAST_BOUNDS)
def test_past_a_bound_the_words_are_kept_and_the_author_told(name):
    rendered = render_markdown(PAST_BOUNDS[name], "p1-")
    assert rendered.plain and "enregistré en entier" in rendered.notices[0]
    assert plain_text(rendered.html).split() == PAST_BOUNDS[name].split()


@pytest.mark.parametrize(
    "text", ["> " * 9 + "a", "[a] " * 499, "* * *\n\n- - - - - - - - - - - -", "[" * 20, "# a\n" * 199]
)
def test_up_to_the_bounds_it_is_markdown(text):
    assert not render_markdown(text, "p1-").plain


def test_plain_text_keeps_paragraphs_and_line_breaks():
    rendered = render_markdown("un\ndeux <b>\n\n" + "[" * 30, "p1-")
    assert rendered.html == "<p>un<br>\ndeux &lt;b&gt;</p>\n<p>" + "[" * 30 + "</p>"


@pytest.mark.parametrize("unit", ["a", "[", "<", "\n", "*a*", "`", "> ", "\x00", "[a](", "é\u0301", "&#"])
def test_a_megabyte_takes_less_than_a_second(unit):
    start = time.perf_counter()
    assert render_markdown((unit * 1_000_000)[:1_000_000], "p1-").plain or unit == "\x00"
    assert time.perf_counter() - start < 1


def test_ten_thousand_brackets_take_no_time():
    start = time.perf_counter()
    render_markdown("[" * 10_000, "p1-")
    assert time.perf_counter() - start < 0.1


DELIMITERS = [
    "[",
    "[a](",
    "![a](",
    "[a][",
    "`",
    "``a",
    "*a",
    "**a ",
    "_a ",
    "<a ",
    "<http://",
    "&#",
    "|",
    "> ",
    "- ",
    "1. ",
]
DELIMITERS += [
    "# a\n",
    "a\n=\n",
    "\\",
    "https://a.fr/ ",
    "@[a](member:1)",
    "[[clause:1]]",
    "[^a]: b [^a] ",
    "    a\n",
    "~~~\n",
]


def test_no_tame_text_takes_long_in_the_web_process():
    """Why a tame text needs no time limit: the worst mixture of two delimiters, at the bound, stays cheap."""
    slowest = 0.0
    for pair in product(DELIMITERS, repeat=2):
        text = largest_tame("".join(pair))
        start = time.perf_counter()
        render_markdown(text, "p1-")
        slowest = max(slowest, time.perf_counter() - start)
    assert slowest < 0.5


def largest_tame(unit: str) -> str:
    """The unit repeated as often as the guard lets it pass for tame, then words up to the length."""
    size = text_guard.TAME_LENGTH
    text = unit * (size // len(unit))
    while text_guard.refusal(text) or not text_guard.is_tame(text):
        text = text[: int(len(text) * 0.8)]
    filled = (text + " mot" * size)[:size]
    return filled if text_guard.is_tame(filled) else text


@pytest.mark.parametrize(
    "unit", ["*a*", "*_", "`a` ", "a*b_", "| a | b |\n|---|---|\n| c | d |\n", '``` hl_lines="\n', "[a]( "]
)
def test_a_hostile_text_within_the_bounds_ends_with_its_limit(unit):
    start = time.perf_counter()
    render_markdown((unit * 30_000)[:29_000], "p1-")
    assert time.perf_counter() - start < text_worker.TIME_LIMIT + 3


# --- The helper process -----------------------------------------------------------------------------------------------

HEAVY = ("Un paragraphe **long** avec `code`, [lien](https://ex.fr/a) et l’article L. 2113-10.\n\n" * 300)[:29_000]


def test_both_ways_give_the_same_html(helper):
    text = "# Titre\n\n@[P](member:3) [[clause:1]] **gras** 😀 [^1]\n\n[^1]: note"
    assert helper.parse(text, "n", {3: "Paul Dürr"}) == text_worker.Parser().parse(text, "n", {3: "Paul Dürr"})


def test_a_long_text_goes_to_the_helper_and_keeps_its_markup():
    rendered = render_markdown(HEAVY, "p1-")
    assert text_worker.helper.pid is not None
    assert not rendered.plain and rendered.html.count("<strong>") > 250


def test_the_helper_is_killed_on_time_out_and_replaced(helper):
    helper.parse("bonjour", "n", None)
    first = helper.pid
    helper.limit = 0.001
    with pytest.raises(text_worker.TooSlow):
        helper.parse(HEAVY, "n", None)
    assert helper.pid is None
    helper.limit = 10
    assert helper.parse("**bonjour**", "n", None).html == "<p><strong>bonjour</strong></p>"
    assert helper.pid not in (None, first)


def test_a_text_that_takes_too_long_is_shown_plain(monkeypatch):
    monkeypatch.setattr(text_worker.helper, "limit", 0.001)
    rendered = render_markdown(HEAVY, "p1-")
    assert rendered.plain and "trop de temps" in rendered.notices[0]
    assert "lien" in rendered.html and "<strong>" not in rendered.html


def test_a_helper_that_left_is_replaced(helper):
    helper.parse("a", "n", None)
    helper._process.kill()
    helper._process.wait()
    assert helper.parse("b", "n", None).html == "<p>b</p>"


def test_the_helper_knows_no_secret(helper, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "secret-de-la-plateforme")
    helper.parse("a", "n", None)
    with open(f"/proc/{helper.pid}/environ") as environment:
        assert "secret-de-la-plateforme" not in environment.read()


# --- Words --------------------------------------------------------------------------------------------------------------


def test_clean_text_takes_out_what_a_database_refuses():
    assert clean_text("a\x00b\ud800c\r\nd\re\x0bf\u2028g\x07") == "abc\nd\ne\nf\ng"
    assert clean_text(None) == ""


def test_plain_text_of_html_and_of_markdown_agree():
    text = "# Titre\n\nDu **gras**, un [lien](https://ex.fr), `code` et snake_case.\n\n- un\n- deux"
    words = "Titre\nDu gras, un lien, code et snake_case.\nun\ndeux"
    assert plain_text(text) == words == plain_text(html_of(text))


def test_plain_text_says_nothing_of_what_is_cited():
    for source in ("Voir [[clause:12@3]] ici", html_of("Voir [[clause:12@3]] ici")):
        assert plain_text(source) == "Voir  ici"


def test_plain_text_separates_cells_and_leaves_out_arrows():
    words = plain_text(html_of("| a | b |\n|--|--|\n| c | d |\n\nx[^1]\n\n[^1]: note"))
    assert words.split() == ["a", "b", "c", "d", "x1", "note"]


@pytest.mark.parametrize("unit", ["<", "[", "*a", "_", "`", "<p", "![", "> ", "\n ", "@[", "[[", "(", "<a class="])
def test_plain_text_is_linear(unit):
    start = time.perf_counter()
    for opening in ("", "<p>"):
        plain_text(opening + (unit * 200_000)[:200_000])
    assert time.perf_counter() - start < 2


def test_an_excerpt_is_cut_between_words():
    assert excerpt("Voici **un** texte assez long pour être coupé.", 30) == "Voici un texte assez long…"
    assert excerpt("Court.", 30) == "Court."
    assert len(excerpt("x" * 500, 30)) == 30


@given(st.text(max_size=300), st.integers(5, 60))
@settings(max_examples=100, deadline=None)
def test_an_excerpt_never_exceeds_its_limit(text, limit):
    assert len(excerpt(text, limit)) <= limit and "\n" not in excerpt(text, limit)


def test_highlight_escapes_and_marks():
    assert highlight([("<b>", False), ("clause", True)]) == Markup("&lt;b&gt;<mark>clause</mark>")


def test_a_diff_is_escaped_and_marked():
    shown = diff_markup(word_diff("délai de 48 <b>\n", "délai de 24 <b>\n"))
    assert shown == Markup("délai de <del>48</del><ins>24</ins> &lt;b&gt;<br>\n")


def test_a_quote_names_its_author_and_calls_nobody():
    quoted = quote_markdown("Merci @[Claire](member:3)\n> ancien\n\nsuite", "Paul [x](javascript:y) *M*")
    rendered = render_markdown(quoted + "Ma réponse", "p1-")
    assert rendered.mentions == () and "ancien" not in rendered.html
    assert rendered.html.startswith("<blockquote>") and rendered.html.endswith("<p>Ma réponse</p>")
    assert inspected(rendered.html).links == []


def test_stored_html_is_markup():
    assert to_markup("<p>a</p>") == Markup("<p>a</p>") and to_markup(None) == Markup("")
