"""The second factor: set up, asked at every way of signing in, never twice the same code, recovery codes, resets."""

from __future__ import annotations

import html
import re
import time

import pyotp
import pytest
from builders import PASSWORD
from client import Client
from told import told_once

from community.core.audit import AuditEntry
from community.core.db import db
from community.core.options import forget, set_option
from community.people.accounts.sealing import seal, unseal
from community.people.accounts.security_models import RecoveryCode, SecondFactor

EMAIL = "claire@collines.example"
SET_UP = "/compte/double-facteur/configuration"


@pytest.fixture(autouse=True)
def stopped_clock(time_machine) -> None:
    """No half minute ends between the making of a code and its check."""
    time_machine.move_to(time.time(), tick=False)


@told_once
def claire(make) -> int:
    return make.member("Claire Martin", {"cantines": "moderator"}, email=EMAIL)


class Generator:
    """A telephone: the code of now, or of another half minute."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)

    def code(self, steps: int = 0) -> str:
        return self.totp.at(int(time.time()) + 30 * steps)


def set_up(client: Client) -> tuple[Generator, list[str]]:
    """Switch it on as a member does; gives the generator and the recovery codes."""
    started = client.submit("/compte/double-facteur", {"current_password": PASSWORD})
    assert started.location == SET_UP
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', client.get(SET_UP).text)[1].replace(" ", "")
    generator = Generator(secret)
    page = client.submit(SET_UP, {"code": generator.code(-1)})
    assert page.status_code == 200
    codes = re.findall(r"<li><code>([a-z2-9]{5}-[a-z2-9]{5})</code>", page.text)
    client.sealed = html.unescape(re.search(r'name="sealed" value="([^"]+)"', page.text)[1])
    return generator, codes


@pytest.fixture
def protected(claire, client_of) -> tuple[Generator, list[str]]:
    return set_up(client_of(claire))


def first_step(client: Client, **more: str):
    return client.submit("/connexion", {"email": EMAIL, "password": PASSWORD, **more}, "/connexion")


def passed_of(page) -> str:
    return html.unescape(re.search(r'name="passed"[^>]*value="([^"]+)"', page.text)[1])


def second_step(client: Client, page, code: str):
    return client.post("/connexion/code", {"passed": passed_of(page), "code": code})


def test_a_code_is_asked_after_the_password(protected, visitor):
    generator, _codes = protected
    page = first_step(visitor, suite="/questions")
    assert "Votre code" in page.text
    assert visitor.get("/compte").status_code == 302, "the password alone opens nothing"
    answer = second_step(visitor, page, generator.code())
    assert answer.location == "/questions"
    assert visitor.get("/compte").status_code == 200


def test_a_code_serves_once(app, protected, visitor):
    generator, _codes = protected
    code = generator.code()
    assert second_step(visitor, first_step(visitor), code).status_code == 303
    other = Client(app)
    again = second_step(other, first_step(other), code)
    assert again.status_code == 422
    assert "déjà servi" in again.text
    assert second_step(other, again, generator.code(-1)).status_code == 422, "nor an earlier one"
    assert second_step(other, again, generator.code(1)).status_code == 303, "the next one does: clocks differ"


@pytest.mark.parametrize("code", ["000000", "abcdef", "１２３４５６", "12345", "", "aaaaa-aaaaa"])
def test_wrong_codes_open_nothing(protected, visitor, code):
    page = first_step(visitor)
    assert second_step(visitor, page, code).status_code == 422
    assert visitor.get("/compte").status_code == 302


def test_codes_too_far_from_now_are_refused(protected, visitor):
    generator, _codes = protected
    page = first_step(visitor)
    assert second_step(visitor, page, generator.code(3)).status_code == 422
    assert second_step(visitor, page, generator.code(-3)).status_code == 422


def test_a_recovery_code_serves_once_and_is_told(app, protected, visitor, mails):
    _generator, codes = protected
    assert len(set(codes)) == 10
    assert second_step(visitor, first_step(visitor), codes[0].upper().replace("-", " ")).status_code == 303
    assert "code de secours vient d’être utilisé" in mails()[-1][2]
    other = Client(app)
    assert second_step(other, first_step(other), codes[0]).status_code == 422
    assert "9 codes de secours" in visitor.get("/compte/double-facteur").text


def test_what_is_kept_says_neither_secret_nor_codes(app, protected, claire):
    generator, codes = protected
    with app.app_context():
        kept = db.session.get(SecondFactor, claire).secret
        hashes = [row.code_hash for row in db.session.query(RecoveryCode)]
        assert generator.totp.secret not in kept
        assert unseal(kept, "second-factor") == generator.totp.secret
        assert unseal(kept, "another purpose") is None
        assert not any(code.replace("-", "") in "".join(hashes) for code in codes)


def test_the_codes_are_downloaded_from_the_page_that_shows_them(claire, client_of, make):
    client = client_of(claire)
    _generator, codes = set_up(client)
    text = client.post("/compte/double-facteur/codes.txt", {"sealed": client.sealed})
    assert all(code in text.text for code in codes)
    assert text.headers["Content-Disposition"].startswith("attachment")
    assert text.headers["Cache-Control"] == "no-store"
    other = client_of(make.member())
    assert other.post("/compte/double-facteur/codes.txt", {"sealed": client.sealed}).status_code == 404


def test_the_image_is_shown_while_setting_up_only(claire, client_of):
    client = client_of(claire)
    assert client.get("/compte/double-facteur/code.svg").status_code == 404
    client.submit("/compte/double-facteur", {"current_password": PASSWORD})
    image = client.get("/compte/double-facteur/code.svg")
    assert (image.mimetype, image.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    assert image.data.startswith(b"<svg")
    assert b"style" not in image.data
    assert b"<script" not in image.data


def test_nothing_is_asked_before_the_first_code_proved_the_generator(claire, client_of, visitor):
    client = client_of(claire)
    client.submit("/compte/double-facteur", {"current_password": PASSWORD})
    assert client.submit(SET_UP, {"code": "123456"}).status_code == 422
    assert first_step(visitor).status_code == 303


def test_the_password_is_asked_to_begin_to_renew_and_to_stop(app, claire, client_of, protected):
    generator, _codes = protected
    client = client_of(claire)
    path = "/compte/double-facteur"
    assert client.post(f"{path}/codes", {"current_password": "faux"}).status_code == 422
    assert client.post(f"{path}/codes", {"current_password": PASSWORD}).status_code == 200
    stop = {"current_password": "faux", "code": generator.code()}
    assert client.post(f"{path}/desactivation", stop).status_code == 422
    stop["current_password"] = PASSWORD
    assert client.post(f"{path}/desactivation", stop | {"code": "000000"}).status_code == 422
    assert client.post(f"{path}/desactivation", stop).status_code == 303
    with app.app_context():
        assert db.session.query(SecondFactor).count() == db.session.query(RecoveryCode).count() == 0
        acts = [entry.act for entry in db.session.query(AuditEntry).order_by(AuditEntry.number)]
    assert acts[0] == "second_factor.enabled"
    assert acts[-1] == "second_factor.disabled"


def test_another_member_starts_over_with_the_password(make, client_of):
    client = client_of(make.member())
    assert client.submit("/compte/double-facteur", {"current_password": "faux"}).status_code == 422


def test_a_new_password_does_not_go_round_it(app, protected, visitor, mails):
    visitor.submit("/mot-de-passe/oubli", {"email": EMAIL})
    link = re.findall(r"http://127\.0\.0\.1:8000(/\S+)", mails()[-1][2])[0]
    visitor.submit(link, {"password": "quatre grands paniers bleus"})
    page = first_step(visitor, password="quatre grands paniers bleus")
    assert "Votre code" in page.text


def test_a_first_step_from_before_a_new_password_is_worth_nothing(app, claire, client_of, protected, visitor):
    generator, _codes = protected
    page = first_step(visitor)
    fields = {"current_password": PASSWORD, "password": "quatre grands paniers bleus"}
    assert client_of(claire).submit("/compte/mot-de-passe", fields).status_code == 303
    answer = second_step(visitor, page, generator.code())
    assert answer.status_code == 422
    assert "recommencez la connexion" in answer.text


def test_a_first_step_cannot_be_made_up(app, protected, claire, visitor):
    generator, _codes = protected
    with app.app_context():
        forged = seal({"member": claire}, "another purpose")
    for passed in (forged, "n’importe quoi", ""):
        assert visitor.post("/connexion/code", {"passed": passed, "code": generator.code()}).status_code == 422


def test_required_of_those_who_look_after_others(app, make, claire, visitor, client_of):
    with app.test_request_context("/", method="POST"):
        set_option("second_factor.required", "keepers", None)
        db.session.commit()
    first_step(visitor)
    assert visitor.get("/questions").location == "/compte/double-facteur"
    kept = visitor.post("/questions/nouvelle", {"title": "Une question déjà écrite, qui ne doit pas se perdre ?"})
    assert kept.status_code == 403
    assert "déjà écrite" in kept.text
    assert "est demandée pour continuer" in visitor.get("/compte/double-facteur").text
    set_up(visitor)
    assert visitor.get("/questions").status_code == 200
    make.member(email="simple@ville.example")
    simple = Client(app)
    first_step(simple, email="simple@ville.example")
    assert simple.get("/questions").status_code == 200
    with app.app_context():
        forget()


def test_an_administrator_resets_it_for_somebody_who_lost_everything(
    app, claire, make, client_of, protected, visitor, mails
):
    anne = client_of(make.member("Anne", platform_role="administrator"))
    path = f"/admin/membres/{claire}/double-facteur"
    assert anne.post(path, {"reason": ""}).status_code == 422
    assert anne.post(path, {"reason": "Téléphone volé, reconnue par visioconférence"}).status_code == 303
    assert mails()[-1][0] == EMAIL
    assert "réinitialiser" in mails()[-1][2]
    assert first_step(visitor).status_code == 303
    with app.app_context():
        last = db.session.query(AuditEntry).order_by(AuditEntry.number.desc()).first()
        assert (last.act, last.target_id) == ("second_factor.reset", claire)
