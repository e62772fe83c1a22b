"""Nothing that members write acts: not in the parser, not in each sanitiser, not in a real browser."""

import pytest
from hostile_texts import ALL, FORGERIES
from html_oracle import html_of, inspected
from hypothesis import given, settings
from hypothesis import strategies as st

from community.core.text import expand_citations, render_markdown
from community.core.text_filters import Sweeper, allowed_url, last_gate


@pytest.mark.parametrize("text", ALL)
def test_a_hostile_text_becomes_words(text):
    assert inspected(html_of(text)).wrong == []


@pytest.mark.parametrize("wrapping", ["> {}", "- {}", "**{}**", "[{}](https://a.example)", "| a |\n|---|\n| {} |"])
def test_hostile_texts_stay_words_inside_other_markup(wrapping):
    wrong = {text: inspected(html_of(wrapping.format(text))).wrong for text in ALL}
    assert {text: found for text, found in wrong.items() if found} == {}


@pytest.mark.parametrize("text", ALL)
def test_each_sanitiser_holds_on_its_own(text):
    """Either of them alone, on raw HTML that no parser has escaped: the other may leave one day."""
    assert inspected(last_gate(text, "nonce", "p12-")).wrong == []
    assert inspected(Sweeper().sweep(text, "nonce")).wrong == []


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


@pytest.mark.parametrize("text", FORGERIES)
def test_nothing_written_forges_a_citation(text):
    for html in (html_of(text), last_gate(text, "nonce", "p1-"), render_markdown("[" * 600 + text, "p1-").html):
        assert "contenu non accessible" not in expand_citations(html, lambda wanted: {})


@pytest.mark.e2e
def test_nothing_runs_in_a_browser(browser):
    """Every hostile text on one page, without a content security policy; whatever fires or is fetched is listed."""
    happened: list[str] = []
    page = browser.new_page()
    page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: happened.append(request.url))
    page.on("pageerror", lambda error: happened.append(str(error)))
    page.route("**/*", lambda route: route.abort())
    page.set_content("".join(f"<article>{html_of(text)}{last_gate(text, 'n', 'p1-')}</article>" for text in ALL))
    for name in ("click", "mouseover", "focus", "toggle"):
        page.evaluate("name => document.querySelectorAll('*').forEach(e => e.dispatchEvent(new Event(name)))", name)
    page.wait_for_timeout(300)
    page.close()
    assert [url for url in happened if "/fichiers/" not in url] == []
