"""Settings of the identity provider: all of them or none, and never over a line that can be listened to."""

from __future__ import annotations

import pytest

from community.config import SettingError, load_settings

GOOD = {
    "SECRET_KEY": "k" * 40,
    "OIDC_ISSUER": "https://fournisseur.example/api/v2",
    "OIDC_CLIENT_ID": "entrepairs",
    "OIDC_CLIENT_SECRET": "un-secret",
}


def test_a_whole_provider_is_accepted():
    settings = load_settings(GOOD | {"OIDC_EMAILS_VERIFIED": "1", "OIDC_ACR": "eidas2"})
    assert settings.oidc_issuer == GOOD["OIDC_ISSUER"]
    assert settings.oidc_emails_verified
    assert "un-secret" not in repr(settings)


@pytest.mark.parametrize("missing", ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"])
def test_a_part_of_a_provider_is_refused_by_name(missing):
    with pytest.raises(SettingError, match=missing):
        load_settings({name: value for name, value in GOOD.items() if name != missing})


@pytest.mark.parametrize("issuer", ["http://fournisseur.example", "fournisseur.example", "ftp://fournisseur.example"])
def test_an_address_that_can_be_listened_to_is_refused(issuer):
    with pytest.raises(SettingError, match="OIDC_ISSUER"):
        load_settings(GOOD | {"OIDC_ISSUER": issuer})


def test_a_provider_on_this_machine_is_for_trying():
    assert load_settings(GOOD | {"OIDC_ISSUER": "http://127.0.0.1:9000"}).oidc_issuer
