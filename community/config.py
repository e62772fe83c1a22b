"""Settings: read from the environment once, validated, then never changed.

One URL per engine, each with an embedded default under ``instance/``. A setting that is not understood stops the start
with one line that says which and why.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parent.parent

SCHEMES = {
    "database_url": ("sqlite", "postgresql"),
    "search_url": ("whoosh", "postgresql"),
    "jobs_url": ("sqlite", "redis", "rediss", "memory"),
    "storage_url": ("file", "s3"),
    "cache_url": ("memory", "redis", "rediss"),
    "mail_url": ("file", "smtp", "smtps"),
}
PREFIX = "ENTREPAIRS_"
SHORTEST_KEY = 32


class SettingError(ValueError):
    """A setting that the application does not understand; its text is one line for the person who starts it."""


@dataclass(frozen=True)
class Settings:
    """What an installation may choose. Every field is an environment variable of the same name in capitals."""

    database_url: str = ""
    search_url: str = ""
    jobs_url: str = ""
    storage_url: str = ""
    cache_url: str = "memory:"
    mail_url: str = ""
    secret_key: str = field(default="", repr=False)
    demo: bool = False
    site_url: str = "http://127.0.0.1:8000"
    trusted_hosts: tuple[str, ...] = ()
    proxies: int = 0
    #: how long the body of a request may take to come, in seconds; one more for every 8 KB of it
    body_timeout: int = 60
    file_limit_mb: int = 25
    member_limit_mb: int = 500
    accel_prefix: str = ""
    storage_redirect: bool = False
    clamd_url: str = ""
    #: what becomes of a file that the antivirus finds too large: "download" (with its mark) or "refuse"
    unscanned_files: str = "download"
    mail_from: str = "Entrepairs <ne-pas-repondre@entrepairs.example>"
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_label: str = "ProConnect"
    #: the levels of authentication that are enough, separated by spaces; empty: any
    oidc_acr: str = ""
    #: the provider gives verified addresses only, without saying so (ProConnect)
    oidc_emails_verified: bool = False
    instance: Path = ROOT / "instance"
    testing: bool = False

    @property
    def secure_cookies(self) -> bool:
        return self.site_url.startswith("https://")


def load_settings(environ: dict[str, str] | None = None, **overrides: object) -> Settings:
    """Read, complete and check the settings. Raises SettingError with one line that names the setting and the reason."""
    environ = dict(os.environ if environ is None else environ)
    values: dict[str, object] = {}
    known = {f.name: f for f in fields(Settings)}
    for name in known:
        raw = environ.get(name.upper())
        if raw is not None and raw != "":
            values[name] = _parse(name, raw)
    for name in environ:
        if name.startswith(PREFIX) and name[len(PREFIX) :].lower() not in known:
            raise SettingError(f"{name} : réglage inconnu.")
    values.update(overrides)
    return _complete(Settings(**values))  # type: ignore[arg-type]


def _parse(name: str, raw: str) -> object:
    if name in ("demo", "testing", "storage_redirect", "oidc_emails_verified"):
        if raw.lower() not in ("0", "1", "true", "false", "oui", "non"):
            raise SettingError(f"{name.upper()} : « {raw} » n’est ni 0 ni 1.")
        return raw.lower() in ("1", "true", "oui")
    if name in ("proxies", "file_limit_mb", "member_limit_mb", "body_timeout"):
        if not raw.isdigit():
            raise SettingError(f"{name.upper()} : « {raw} » n’est pas un nombre.")
        return int(raw)
    if name == "trusted_hosts":
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if name == "instance":
        return Path(raw).absolute()
    return raw


def _complete(given: Settings) -> Settings:
    instance = given.instance
    defaults = {
        "database_url": f"sqlite:///{instance / 'entrepairs.sqlite3'}",
        "search_url": f"whoosh:{instance / 'search'}",
        "jobs_url": f"sqlite:///{instance / 'jobs.sqlite3'}",
        "storage_url": f"file:{instance / 'files'}",
        "mail_url": f"file:{instance / 'mail'}",
    }
    changes: dict[str, object] = {name: url for name, url in defaults.items() if not getattr(given, name)}
    complete = Settings(**{f.name: changes.get(f.name, getattr(given, f.name)) for f in fields(Settings)})
    for name, schemes in SCHEMES.items():
        _check_scheme(name, getattr(complete, name), schemes)
    _check_places(complete)
    if complete.secret_key and len(complete.secret_key) < SHORTEST_KEY:
        raise SettingError(f"SECRET_KEY : trop courte, au moins {SHORTEST_KEY} caractères.")
    if complete.secret_key:
        return complete
    if not complete.demo:
        raise SettingError(
            f"SECRET_KEY : obligatoire hors de la démonstration (DEMO=1), au moins {SHORTEST_KEY} caractères."
        )
    return Settings(
        **{f.name: getattr(complete, f.name) for f in fields(Settings)} | {"secret_key": _demo_key(instance)}
    )


def _check_scheme(name: str, url: str, schemes: tuple[str, ...]) -> None:
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme not in schemes:
        expected = ", ".join(schemes)
        raise SettingError(f"{name.upper()} : « {scheme} » n’est pas pris en charge (attendu : {expected}).")


def _check_places(settings: Settings) -> None:
    """An address that could only fail later, at the first mail or the first read, is refused now."""
    site = urlsplit(settings.site_url)
    if site.scheme not in ("http", "https") or not site.hostname:
        raise SettingError(f"SITE_URL : « {settings.site_url} » n’est pas une adresse http ou https.")
    for name in ("database_url", "jobs_url"):
        url = getattr(settings, name)
        if url.startswith("sqlite") and not url.partition("sqlite:///")[2]:
            raise SettingError(f"{name.upper()} : « {url} » ne dit pas où est le fichier (attendu : sqlite:///chemin).")
    _check_files(settings)
    _check_provider(settings)
    if settings.mail_url.startswith("smtp") and not urlsplit(settings.mail_url).hostname:
        raise SettingError(f"MAIL_URL : « {settings.mail_url} » ne dit pas à quel serveur envoyer.")


def _check_files(settings: Settings) -> None:
    """Where files go and how many: a store without a bucket, or a limit of nothing, would only show at the first one."""
    if settings.storage_url.startswith("s3") and not urlsplit(settings.storage_url).netloc:
        raise SettingError(
            f"STORAGE_URL : « {settings.storage_url} » ne dit pas quel compartiment (attendu : s3://compartiment/prefixe)."
        )
    for name, unit in {"file_limit_mb": "mégaoctet", "member_limit_mb": "mégaoctet", "body_timeout": "seconde"}.items():
        if getattr(settings, name) < 1:
            raise SettingError(f"{name.upper()} : au moins 1 ({unit}).")
    if settings.clamd_url and not _is_scanner(settings.clamd_url):
        raise SettingError(
            f"CLAMD_URL : « {settings.clamd_url} » n’est pas une adresse d’antivirus (attendu : unix:/chemin ou tcp://hôte:port)."
        )
    if settings.unscanned_files not in ("download", "refuse"):
        raise SettingError(f"UNSCANNED_FILES : « {settings.unscanned_files} » (attendu : download ou refuse).")
    if settings.accel_prefix and not settings.accel_prefix.startswith("/"):
        raise SettingError(f"ACCEL_PREFIX : « {settings.accel_prefix} » doit commencer par « / ».")


def _is_scanner(url: str) -> bool:
    """unix:/run/clamav/clamd.ctl or tcp://host:port."""
    if url.startswith("unix:/"):
        return True
    try:
        place = urlsplit(url)
        return place.scheme == "tcp" and bool(place.hostname) and place.port is not None
    except ValueError:
        return False


def _check_provider(settings: Settings) -> None:
    """Signing in through an identity provider: all of it or nothing, and never over a line that can be listened to."""
    given = {name: getattr(settings, name) for name in ("oidc_issuer", "oidc_client_id", "oidc_client_secret")}
    missing = [name.upper() for name, value in given.items() if not value]
    if 0 < len(missing) < len(given):
        raise SettingError(f"{missing[0]} : obligatoire dès qu’un fournisseur d’identité (OIDC_…) est réglé.")
    issuer = urlsplit(settings.oidc_issuer)
    at_home = issuer.hostname in ("127.0.0.1", "localhost")
    if given["oidc_issuer"] and not (
        issuer.hostname and (issuer.scheme == "https" or (issuer.scheme == "http" and at_home))
    ):
        raise SettingError(f"OIDC_ISSUER : « {settings.oidc_issuer} » n’est pas une adresse https.")


def _demo_key(instance: Path) -> str:
    """The demo makes its own key once and keeps it, so that sign-ins survive a restart."""
    path = instance / "secret_key"
    if not path.exists():
        instance.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
        path.chmod(0o600)
    return path.read_text(encoding="ascii")


def flask_config(settings: Settings) -> dict[str, object]:
    """The part of the settings that Flask and its extensions read."""
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "TESTING": settings.testing,
        "SQLALCHEMY_DATABASE_URI": settings.database_url.replace("postgresql://", "postgresql+psycopg://", 1),
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_pre_ping": settings.database_url.startswith("postgresql"),
            "json_serializer": partial(json.dumps, ensure_ascii=False),
            "hide_parameters": True,  # an error of the database must not write people's words into the logs
        },
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 1000,
        "SESSION_COOKIE_NAME": "__Host-session" if settings.secure_cookies else "session",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": 366 * 24 * 3600,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        "WTF_CSRF_CHECK_DEFAULT": True,
        "BABEL_DEFAULT_LOCALE": "fr",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Paris",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "community" / "translations"),
        "RATELIMIT_STORAGE_URI": _rates_url(settings),
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": True,
        "TRUSTED_HOSTS": _hosts(settings),
        "JSON_SORT_KEYS": False,
    }


def _hosts(settings: Settings) -> list[str] | None:
    """The hosts that a request may name: those that were set, or the site's own; this machine may always ask (health).

    The demo answers to any name: it is opened through tunnels and containers, and holds nothing of anybody's.
    """
    own = ["127.0.0.1", "localhost", "[::1]"]
    if settings.trusted_hosts:
        return [*settings.trusted_hosts, *own]
    return None if settings.demo else [urlsplit(settings.site_url).hostname or "", *own]


def _rates_url(settings: Settings) -> str:
    """Rates are counted in Redis when there is one, else in a file that the web processes share."""
    if settings.cache_url.startswith("redis"):
        return settings.cache_url
    return f"ratefile://{quote(str(settings.instance.absolute() / 'rates.sqlite3'))}"
