"""What members write is shown as they meant it, and its words can be found, quoted and mailed."""

from functools import partial

import pytest
from html_oracle import html_of, inspected
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from timing import fastest

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
    typo,
)

# --- Writing ---


def test_headings_start_below_those_of_the_page():
    assert (
        html_of("# Un\n\n## Deux\n\nTrois\n=====\n\n###### Six")
        == "<h3>Un</h3>\n<h4>Deux</h4>\n<h3>Trois</h3>\n<h6>Six</h6>"
    )


def test_a_list_may_follow_its_sentence():
    assert html_of("Il faut :\n- allotir\n- sourcer").count("<li>") == 2
    assert "<li>" not in html_of("Publié en\n2019. Depuis, rien.")


def test_french_typography_is_kept_and_completed():
    text = "L’acheteur\u00a0: « œuvre »\u00a0? 1\u202f500,50\u00a0€ – n°\u00a012… c’est l’été"
    assert plain_text(html_of(text)) == text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")
    typed = "Qui a déjà payé 40 000 € : 5 % ? `a : b`\n\n    c : d\n\n[lien](https://exemple.fr/a%20:b)"
    html = html_of(typed)
    assert "40\u00a0000\u00a0€\u00a0: 5\u00a0%\u00a0?" in html
    assert "<code>a : b</code>" in html and "c : d" in html and 'href="https://exemple.fr/a%20:b"' in html


def test_titles_are_set_for_the_page():
    assert typo("Allotir : 3 lots ou 90 000 € ?") == "Allotir\u00a0: 3 lots ou 90\u00a0000\u00a0€\u00a0?"
    marked = typo(highlight([("Allotir", True), (" : oui ? <b>", False)]))
    assert isinstance(marked, Markup) and marked == "<mark>Allotir</mark>\u00a0: oui\u00a0? &lt;b&gt;"


def test_tags_are_words():
    assert html_of("Un <b>seuil</b> < 90 000 €\n\n<div>x</div>") == (
        "<p>Un &lt;b&gt;seuil&lt;/b&gt; &lt; 90\u00a0000\u00a0€</p>\n<p>&lt;div&gt;x&lt;/div&gt;</p>"
    )


def test_a_table_keeps_its_alignment_and_scrolls_alone():
    html = html_of("| Critère | Poids |\n|:--|--:|\n| Prix | 40 % |")
    assert '<div class="table-scroll" tabindex="0">' in html and '<td align="right">40\u00a0%</td>' in html
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


# --- Mentions ---


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


# --- Citations ---

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


def test_a_citation_alone_is_a_block():
    assert html_of("[[document:3]]").startswith('<p class="citation-block">')


# --- Words ---


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
    for opening in ("", "<p>"):
        text = opening + (unit * 200_000)[:200_000]
        assert fastest(partial(plain_text, text), 1) < 1


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
