"""Pages that belong to no feature: help and accessibility, reached from every page's footer."""

import pytest


@pytest.mark.parametrize("path", ["/aide", "/accessibilite"])
def test_a_visitor_reaches_it_from_the_footer(visitor, path: str):
    assert f'href="{path}"' in visitor.get("/").text
    page = visitor.get(path)
    assert page.status_code == 200
    assert page.text.count("<h1>") == 1
