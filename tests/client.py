"""An HTTP client for tests: signs in for real, carries the CSRF token, fills in the forms that pages show."""

from __future__ import annotations

import secrets
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class WholeAnswers(FlaskClient):
    """Answers are read whole and closed at once: a file left open would fail whichever test the collector runs in."""

    def open(self, *args: Any, buffered: bool = True, **more: Any) -> TestResponse:
        return super().open(*args, buffered=buffered, **more)


class Client:
    """``get`` and ``post`` of paths; ``post`` adds a valid CSRF token unless told otherwise."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.http = app.test_client()
        self.csrf = ""

    def signed_in_as(self, member_id: int) -> Client:
        """Open a session for this member as sign-in does, without the password round trip."""
        from community.core.clock import now
        from community.core.db import db
        from community.people.accounts.identity import hash_key
        from community.people.accounts.models import SignIn

        key = secrets.token_urlsafe(32)
        with self.app.app_context():
            db.session.add(SignIn(key_hash=hash_key(key), member_id=member_id, expires_at=now() + timedelta(hours=12)))
            db.session.commit()
            db.session.remove()
        with self.http.session_transaction() as session:
            session["_user_id"] = key
            session["_fresh"] = True
        return self

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.http.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, csrf: bool = True, **options: Any) -> TestResponse:
        data = dict(data or {})
        if csrf:
            data.setdefault("csrf_token", self.token())
        return self.http.post(path, data=data, **options)

    def token(self) -> str:
        """A CSRF token of this client's session, made as a page's form would have it."""
        if not self.csrf:
            from flask_wtf.csrf import generate_csrf

            with self.http.session_transaction() as session:
                kept = dict(session)
            with self.app.test_request_context("/"):
                from flask import session as request_session

                request_session.update(kept)
                self.csrf = generate_csrf()
                raw = request_session["csrf_token"]
            with self.http.session_transaction() as session:
                session["csrf_token"] = raw
        return self.csrf

    def submit(self, path: str, changes: dict[str, Any] | None = None, action: str | None = None) -> TestResponse:
        """Open a page, fill in its form (the one whose action ends with ``action``) with ``changes``, and send it."""
        page = self.get(path)
        assert page.status_code == 200, f"{path}: {page.status_code}"
        form = forms_of(page.text, action, path)
        return self.http.post(form.action or path, data={**form.fields, **(changes or {})})


class FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FoundForm] = []
        self.form: FoundForm | None = None
        self.select: str | None = None
        self.textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if tag == "form":
            self.form = FoundForm(a.get("action") or "", {})
            self.forms.append(self.form)
        elif self.form is None:
            return
        elif tag == "input" and a.get("name"):
            if a.get("type") in ("checkbox", "radio") and "checked" not in a:
                return
            if a.get("type") not in ("submit", "button", "file"):
                self.form.fields[a["name"] or ""] = a.get("value") or ""
        elif tag == "select":
            self.select = a.get("name")
        elif tag == "option" and self.select and "selected" in a:
            self.form.fields[self.select] = a.get("value") or ""
        elif tag == "textarea":
            self.textarea = a.get("name")
            self.form.fields[self.textarea or ""] = ""

    def handle_data(self, data: str) -> None:
        if self.textarea and self.form is not None:
            self.form.fields[self.textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea" and self.textarea is not None and self.form is not None:
            # As browsers do: the line break that follows the tag is not part of the text.
            self.form.fields[self.textarea] = self.form.fields[self.textarea].removeprefix("\r").removeprefix("\n")
            self.textarea = None


class FoundForm:
    def __init__(self, action: str, fields: dict[str, str]) -> None:
        self.action = action
        self.fields = fields


def forms_of(html: str, action: str | None, path: str) -> FoundForm:
    parser = FormParser()
    parser.feed(html)
    posts = [
        f for f in parser.forms if (action is None and f.action in ("", path)) or (action and f.action.endswith(action))
    ]
    assert posts, f"no form {action!r} on {path}; there are {[f.action for f in parser.forms]}"
    return posts[0]
