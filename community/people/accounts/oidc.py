"""OpenID Connect, as a client: send somebody to the provider, and believe nothing of what comes back unverified.

Authorization code with PKCE (S256), state and nonce of 43 characters; the identity token and, when it is one, the
user-info token are verified against the provider's keys (asymmetric algorithms only), issuer, audience, dates and nonce.
Every request to the provider has a time-out and follows no redirect.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import current_app
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from community.config import Settings

#: signatures by a private key; « none » and HS256 (a shared secret, or the public key mistaken for one) are not here
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
TIMEOUT = (3.05, 6)
LEEWAY = 10
KEPT = 3600
WANTED = ("openid", "email", "profile", "given_name", "usual_name", "siret")
STANDARD = ("openid", "email", "profile")
LONGEST = 200_000


class ProviderError(Exception):
    """The provider, or somebody in its name, said something that cannot be believed; ``why`` is for the log."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True)
class Attempt:
    """One journey to the provider: what the browser keeps, sealed, until it comes back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Attempt:
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))


@dataclass(frozen=True)
class Person:
    """Who the provider says that it is. ``subject`` is the key, with the issuer; the address only an address."""

    issuer: str
    subject: str
    email: str = ""
    email_verified: bool = False
    name: str = ""
    siret: str = ""
    id_token: str = ""


def is_configured() -> bool:
    return bool(_settings().oidc_issuer)


def authorization_address(attempt: Attempt, redirect_uri: str) -> str:
    """Where to send the browser."""
    values = {
        "response_type": "code",
        "client_id": _settings().oidc_client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(_scopes()),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": create_s256_code_challenge(attempt.verifier),
        "code_challenge_method": "S256",
    }
    if _settings().oidc_acr:
        values["acr_values"] = _settings().oidc_acr
    return _with_query(_endpoint("authorization_endpoint"), values)


def fetch_person(attempt: Attempt, code: str, redirect_uri: str) -> Person:
    """Exchange the code and read who it is, at once: the tokens of some providers live sixty seconds."""
    tokens = _exchange(attempt, code, redirect_uri)
    id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
    if not isinstance(id_token, str) or not isinstance(access_token, str):
        raise ProviderError("tokens missing")
    claims = _verified(id_token, expires=True)
    if not secrets.compare_digest(str(claims.get("nonce", "")), attempt.nonce):
        raise ProviderError("wrong nonce")
    _check_level(claims)
    told = _user_info(access_token)
    if told.get("sub") != claims["sub"]:
        raise ProviderError("user info of somebody else")
    return _person({**claims, **told}, id_token)


def end_address(id_token: str, state: str, return_uri: str) -> str:
    """Where to end the provider's own session; empty when it has no such place."""
    if not _metadata().get("end_session_endpoint"):
        return ""
    values = {"id_token_hint": id_token, "state": state, "post_logout_redirect_uri": return_uri}
    return _with_query(_endpoint("end_session_endpoint"), values)


def origins() -> set[str]:
    """Where forms of ours may lead, through a redirect: the provider's own origins, as far as they are known."""
    known = current_app.extensions.get("oidc", {}).get("metadata", (0, {}))[1]
    addresses = [_settings().oidc_issuer, known.get("end_session_endpoint"), known.get("authorization_endpoint")]
    parts = [urlsplit(address) for address in addresses if address]
    return {f"{part.scheme}://{part.netloc}" for part in parts}


def same_issuer(given: str | None) -> bool:
    """The answer may name its issuer (RFC 9207): then it is ours, or the answer is another provider's."""
    return given is None or given == _settings().oidc_issuer


# --- what the provider says of itself ---------------------------------------------------------------------------------


def _settings() -> Settings:
    return current_app.config["SETTINGS"]


def _metadata() -> dict[str, Any]:
    issuer = _settings().oidc_issuer
    address = issuer.rstrip("/") + "/.well-known/openid-configuration"
    metadata = _kept("metadata", lambda: _get_json(address))
    if metadata.get("issuer") != issuer:
        current_app.extensions.pop("oidc", None)
        raise ProviderError("the metadata are another issuer's")
    return metadata


def _endpoint(name: str) -> str:
    address = str(_metadata().get(name) or "")
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise ProviderError(f"{name} is not https")
    return address


def _scopes() -> tuple[str, ...]:
    """What may be asked: everything useful that the provider says it knows, or what every provider does."""
    known = _metadata().get("scopes_supported")
    return tuple(scope for scope in WANTED if scope in known) if isinstance(known, list) else STANDARD


def _keys(again: bool = False) -> KeySet:
    """The provider's public keys. Shared secrets have no place among them."""
    if again:
        current_app.extensions.get("oidc", {}).pop("keys", None)
    found = _kept("keys", lambda: _get_json(_endpoint("jwks_uri")))
    public = [key for key in found.get("keys", []) if isinstance(key, dict) and key.get("kty") in ("RSA", "EC")]
    return KeySet.import_key_set({"keys": public})  # type: ignore[typeddict-item]


def _kept(name: str, fetch: Any) -> dict[str, Any]:
    """Fetched once an hour by each process."""
    kept = current_app.extensions.setdefault("oidc", {})
    if name not in kept or time.monotonic() - kept[name][0] > KEPT:
        kept[name] = (time.monotonic(), fetch())
    return kept[name][1]


# --- requests ---------------------------------------------------------------------------------------------------------


def _get_json(address: str) -> dict[str, Any]:
    return _parsed(_send(lambda: requests.get(address, timeout=TIMEOUT, allow_redirects=False)))


def _exchange(attempt: Attempt, code: str, redirect_uri: str) -> dict[str, Any]:
    settings = _settings()
    methods = _metadata().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
    session = OAuth2Session(
        settings.oidc_client_id,
        settings.oidc_client_secret,
        token_endpoint_auth_method=method,
        redirect_uri=redirect_uri,
    )
    try:
        with session:
            return dict(
                session.fetch_token(
                    _endpoint("token_endpoint"),
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                    timeout=TIMEOUT,
                    allow_redirects=False,
                )
            )
    except ProviderError:
        raise
    except Exception as error:  # Authlib lets through its own errors, those of requests and those of a broken answer
        raise ProviderError(f"code refused: {type(error).__name__}") from error


def _user_info(access_token: str) -> dict[str, Any]:
    """JSON, or a token that the provider signed (ProConnect): then it is verified like the other."""
    address = _endpoint("userinfo_endpoint")
    headers = {"Authorization": f"Bearer {access_token}"}
    answer = _send(lambda: requests.get(address, headers=headers, timeout=TIMEOUT, allow_redirects=False))
    if answer.headers.get("Content-Type", "").startswith("application/jwt"):
        return _verified(answer.text.strip(), expires=False)
    return _parsed(answer)


def _send(request: Any) -> requests.Response:
    try:
        answer = request()
    except requests.RequestException as error:
        raise ProviderError(f"unreachable: {type(error).__name__}") from error
    if answer.status_code != 200 or len(answer.content) > LONGEST:
        raise ProviderError(f"answered {answer.status_code}")
    return answer


def _parsed(answer: requests.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError as error:
        raise ProviderError("not JSON") from error
    if not isinstance(found, dict):
        raise ProviderError("not an object")
    return found


# --- tokens -----------------------------------------------------------------------------------------------------------


def _verified(token: str, expires: bool) -> dict[str, Any]:
    """The claims of a token that the provider signed for us. ``expires``: it must say until when, as identity tokens do."""
    try:
        claims = _decoded(token)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProviderError(f"token refused: {type(error).__name__}") from error
    _check_claims(claims, expires)
    return claims


def _decoded(token: str) -> dict[str, Any]:
    """Verify the signature; a key that is not known is asked for again, once: providers change theirs."""
    try:
        return dict(jwt.decode(token, _keys(), algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError):
        return dict(jwt.decode(token, _keys(again=True), algorithms=ALGORITHMS).claims)


def _check_claims(claims: dict[str, Any], expires: bool) -> None:
    client, present = _settings().oidc_client_id, time.time()
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    expiry, issued = claims.get("exp"), claims.get("iat")
    subject = claims.get("sub")
    if claims.get("iss") != _settings().oidc_issuer:
        raise ProviderError("wrong issuer")
    if client not in audiences or (len(audiences) > 1 and claims.get("azp") != client):
        raise ProviderError("wrong audience")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise ProviderError("no subject")
    if (expires or expiry is not None) and (not isinstance(expiry, int | float) or expiry <= present - LEEWAY):
        raise ProviderError("expired")
    if issued is not None and (not isinstance(issued, int | float) or issued > present + LEEWAY):
        raise ProviderError("issued in the future")


def _check_level(claims: dict[str, Any]) -> None:
    """The level of authentication, when the installation wants one."""
    wanted = _settings().oidc_acr.split()
    if wanted and claims.get("acr") not in wanted:
        raise ProviderError("level of authentication too low")


def _person(told: dict[str, Any], id_token: str) -> Person:
    said = told.get("email_verified")
    verified = said is True or said == "true" or (said is None and _settings().oidc_emails_verified)
    names = [
        str(told.get(name) or "") for name in ("given_name", "usual_name" if told.get("usual_name") else "family_name")
    ]
    name = " ".join(filter(None, names)) or str(told.get("name") or "")
    return Person(
        issuer=_settings().oidc_issuer,
        subject=told["sub"],
        email=str(told.get("email") or "")[:254],
        email_verified=verified,
        name=name[:80],
        siret=str(told.get("siret") or "")[:14],
        id_token=id_token,
    )


def _with_query(address: str, values: dict[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(values)}"
