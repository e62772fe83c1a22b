"""Whatever is sent: a clear refusal, never an error of ours."""

from __future__ import annotations

import time

import pytest
from account_forms import REGISTRATION

FORMS = ["/connexion", "/inscription", "/inscription/courriel", "/mot-de-passe/oubli"]
MEMBER_FORMS = ["/compte", "/compte/mot-de-passe", "/compte/adresse"]
FIELDS = [*REGISTRATION, "current_password", "bio", "expertise", "locale", "digest", "suite", "resume", "remember"]
BAD = {
    "empty": "",
    "nul": "a\x00b\x00",
    "long": "x" * 70_000,
    "control": "\x01\x1b[31m\u202e\ufeff",
    "surrogate": "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "markup": "<script>alert(1)</script>{{ 7*7 }}",
}


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("value", BAD.values(), ids=list(BAD))
def test_visitors_forms(visitor, path, value):
    response = visitor.post(path, dict.fromkeys(FIELDS, value))
    assert response.status_code == 422
    assert "<script>alert" not in response.text


@pytest.mark.parametrize("path", MEMBER_FORMS)
@pytest.mark.parametrize("value", BAD.values(), ids=list(BAD))
def test_members_forms(make, client_of, path, value):
    assert client_of(make.member()).post(path, dict.fromkeys(FIELDS, value)).status_code == 422


@pytest.mark.parametrize("path", FORMS)
def test_invalid_utf8(visitor, path):
    body = (
        b"csrf_token=" + visitor.token().encode() + b"&email=%ff%fe%00@ville.example&password=%c3%28&display_name=%ff"
    )
    response = visitor.http.post(path, data=body, content_type="application/x-www-form-urlencoded")
    assert response.status_code in (303, 422)


@pytest.mark.parametrize("field", REGISTRATION)
def test_one_megabyte_in_one_field(visitor, field):
    started = time.process_time()
    response = visitor.post("/inscription", REGISTRATION | {field: "x" * 1_000_000})
    assert response.status_code == (303 if field == "charter" else 422)
    assert time.process_time() - started < 1


def test_three_megabytes(visitor):
    assert visitor.post("/inscription", REGISTRATION | {"job": "x" * 3_000_000}).status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/connexion?suite=%00%ff",
        "/inscription/confirmation/%00%ff",
        "/mot-de-passe/%00",
        "/compte/adresse/confirmation/" + "x" * 2000,
    ],
)
def test_addresses(visitor, path):
    assert visitor.get(path).status_code in (200, 404)
