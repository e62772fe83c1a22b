"""No text keeps the site waiting: bounds, linear time, the helper process and its limit."""

import time
from functools import partial
from itertools import product

import pytest
from timing import fastest

from community.core import text_guard, text_worker
from community.core.text import plain_text, render_markdown


@pytest.fixture
def helper():
    helper = text_worker.HelperProcess()
    yield helper
    helper.close()


# --- Bounds ---

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
    "text",
    ["> " * 9 + "a", "[a] " * 499, "* * *\n\n- - - - - - - - - - - -", "[" * 20 + "]" * 20 + "[a]", "# a\n" * 199],
)
def test_up_to_the_bounds_it_is_markdown(text):
    assert not render_markdown(text, "p1-").plain


def test_the_notice_names_the_bound():
    (notice,) = render_markdown(PAST_BOUNDS["length"], "p1-").notices
    assert notice.endswith("sans mise en forme\u00a0: il dépasse 30\u202f000 caractères.")


def test_plain_text_keeps_paragraphs_and_line_breaks():
    rendered = render_markdown("un\ndeux <b>\n\n" + "[" * 30, "p1-")
    assert rendered.html == "<p>un<br>\ndeux &lt;b&gt;</p>\n<p>" + "[" * 30 + "</p>"


@pytest.mark.parametrize("unit", ["a", "[", "<", "\n", "*a*", "`", "> ", "\x00", "[a](", "é\u0301", "&#"])
def test_a_megabyte_takes_less_than_a_second(unit):
    text = (unit * 1_000_000)[:1_000_000]
    assert fastest(lambda: render_markdown(text, "p1-"), 1) < 1
    assert render_markdown(text, "p1-").plain or unit == "\x00"


def test_ten_thousand_brackets_take_no_time():
    assert fastest(lambda: render_markdown("[" * 10_000, "p1-"), 0.1) < 0.1


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
    for pair in product(DELIMITERS, repeat=2):
        text = largest_tame("".join(pair))
        assert fastest(partial(render_markdown, text, "p1-"), 0.5) < 0.5, pair


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
    assert time.perf_counter() - start < text_worker.TIME_LIMIT + 8


# --- The helper process ---

HEAVY = ("Un paragraphe **long** avec `code`, [lien](https://ex.fr/a) et l’article L. 2113-10.\n\n" * 300)[:29_000]


def test_both_ways_give_the_same_html(helper):
    text = "# Titre\n\n@[P](member:3) [[clause:1]] **gras** 😀 [^1]\n\n[^1]: note"
    assert helper.parse(text, "n", {3: "Paul Dürr"}) == text_worker.Parser().parse(text, "n", {3: "Paul Dürr"})


def test_an_ordinary_text_needs_no_helper(monkeypatch):
    monkeypatch.setattr(text_worker, "helper", text_worker.HelperProcess())
    render_markdown("Bonjour **à tous**,\n\n- un\n- deux [[clause:1]]", "p1-")
    assert text_worker.helper.pid is None


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
