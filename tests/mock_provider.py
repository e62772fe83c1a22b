"""A strict identity provider: a real HTTP server of our own that refuses what the standard says to refuse.

It wants state and nonce of 32 characters, PKCE S256, the registered redirect_uri and the client's secret; its codes serve
once, its tokens live sixty seconds. ``lies`` makes it misbehave in one way, to see that the client notices.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "entrepairs-tests", "a-secret-shared-with-the-provider"
LIVES = 60


@dataclass
class Provider:
    """What the server knows and does; ``person`` is who is signed in there."""

    issuer: str = ""
    redirect_uris: set[str] = field(default_factory=set)
    person: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    signed_userinfo: bool = False
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, float] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    ended: list[dict[str, str]] = field(default_factory=list)

    def forget(self) -> None:
        self.lies, self.person, self.signed_userinfo = {}, dict(CLAIRE), False
        for kept in (self.codes, self.tokens, self.refusals, self.ended):
            kept.clear()

    # --- the four places of the standard ---

    def metadata(self) -> dict[str, Any]:
        place = self.issuer
        return {
            "issuer": self.lies.get("metadata_issuer", place),
            "authorization_endpoint": f"{place}/authorize",
            "token_endpoint": f"{place}/token",
            "userinfo_endpoint": f"{place}/userinfo",
            "end_session_endpoint": f"{place}/end",
            "jwks_uri": f"{place}/jwks",
            "scopes_supported": ["openid", "email", "given_name", "usual_name", "siret"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where to send the browser back; raises ValueError for what must be refused on the spot."""
        if query.get("client_id") != CLIENT or query.get("redirect_uri") not in self.redirect_uris:
            raise ValueError("redirect_uri")
        if query.get("response_type") != "code" or "openid" not in query.get("scope", "").split():
            raise ValueError("request")
        for name in ("state", "nonce"):
            if len(query.get(name, "")) < 32:
                raise ValueError(name)
        if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
            raise ValueError("pkce")
        code = secrets.token_urlsafe(24)
        self.codes[code] = query
        state = self.lies.get("state", query["state"])
        answer = {"code": code, "state": state, "iss": self.lies.get("iss_parameter", self.issuer)}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def exchange(self, form: dict[str, str]) -> dict[str, Any]:
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None:
            raise ValueError("invalid_grant: code")
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(verifier).decode().rstrip("=") != asked["code_challenge"]:
            raise ValueError("invalid_grant: pkce")
        if form.get("redirect_uri") != asked["redirect_uri"] or form.get("grant_type") != "authorization_code":
            raise ValueError("invalid_grant: redirect_uri")
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            raise ValueError("invalid_client")
        access = secrets.token_urlsafe(24)
        self.tokens[access] = time.time() + self.lies.get("lives", LIVES)
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": LIVES,
            "id_token": self.sign(
                {"nonce": asked["nonce"], "exp": int(time.time()) + LIVES} | self.lies.get("claims", {})
            ),
        }

    def userinfo(self, access: str) -> tuple[str, str]:
        if self.tokens.get(access, 0) < time.time():
            raise ValueError("invalid_token")
        told = self.person | self.lies.get("userinfo", {})
        if not self.signed_userinfo:
            return json.dumps(told), "application/json"
        return self.sign(told | self.lies.get("userinfo_claims", {})), "application/jwt"

    def sign(self, claims: dict[str, Any]) -> str:
        """The claims as a token, signed as this provider signs; ``lies["sign"]`` as an impostor would."""
        payload = {"iss": self.issuer, "aud": CLIENT, "sub": self.person["sub"], "iat": int(time.time())} | claims
        how = self.lies.get("sign")
        if how == "none":
            parts = [json.dumps({"alg": "none"}), json.dumps(payload)]
            return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts) + "."
        if how == "shared secret":
            return jwt.encode({"alg": "HS256"}, payload, OctKey.import_key(SECRET))
        if how == "public key as secret":
            public = self.key.as_pem(private=False)
            return jwt.encode({"alg": "HS256", "kid": "first"}, payload, OctKey.import_key(public))
        if how == "another key":
            other = RSAKey.generate_key(2048, {"kid": "first"})
            return jwt.encode({"alg": "RS256", "kid": "first"}, payload, other)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, payload, self.key)


CLAIRE = {
    "sub": "f3b1-claire",
    "email": "claire@collines.example",
    "email_verified": True,
    "given_name": "Claire",
    "usual_name": "Martin",
    "siret": "21830069500010",
}


class Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        provider = self.provider
        try:
            if parts.path == "/.well-known/openid-configuration":
                self._answer(200, json.dumps(provider.metadata()))
            elif parts.path == "/jwks":
                self._answer(200, json.dumps({"keys": [provider.key.as_dict(private=False)]}))
            elif parts.path == "/authorize":
                self._redirect(provider.authorize(query))
            elif parts.path == "/userinfo":
                access = self.headers.get("Authorization", "").removeprefix("Bearer ")
                self._answer(200, *provider.userinfo(access))
            elif parts.path == "/end":
                provider.ended.append(query)
                self._redirect(f"{query['post_logout_redirect_uri']}?{urlencode({'state': query['state']})}")
            else:
                self._answer(404, "{}")
        except ValueError as error:
            provider.refusals.append(str(error))
            self._answer(400, json.dumps({"error": str(error)}))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        try:
            self._answer(200, json.dumps(self.provider.exchange(form)))
        except ValueError as error:
            self.provider.refusals.append(str(error))
            self._answer(400, json.dumps({"error": "invalid_grant"}))

    def _answer(self, status: int, body: str, media_type: str = "application/json") -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Tests say what went wrong themselves."""


@contextmanager
def running_provider() -> Iterator[Provider]:
    """The provider, on a port of its own, until the block ends."""
    provider = Provider(person=dict(CLAIRE))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"provider": provider}))
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
