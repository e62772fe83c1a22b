"""The application refuses to start on a setting that it does not understand, with one line that says which and why."""

from pathlib import Path

import pytest

from community.config import SettingError, load_settings

KEY = "k" * 40


def test_one_machine_needs_no_setting_but_a_key(tmp_path: Path):
    settings = load_settings({"SECRET_KEY": KEY}, instance=tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'entrepairs.sqlite3'}"
    assert settings.search_url == f"whoosh:{tmp_path / 'search'}"
    assert settings.mail_url == f"file:{tmp_path / 'mail'}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://x/y"),
        ("SEARCH_URL", "elastic://x"),
        ("JOBS_URL", "amqp://x"),
        ("STORAGE_URL", "ftp://x"),
        ("CACHE_URL", "memcached://x"),
        ("MAIL_URL", "carrier-pigeon:"),
        ("SITE_URL", "pas une adresse"),
        ("SITE_URL", "ftp://entrepairs.example"),
        ("DATABASE_URL", "sqlite:relatif"),
        ("JOBS_URL", "sqlite:///"),
        ("MAIL_URL", "smtp://"),
        ("SECRET_KEY", "trop-courte"),
        ("DEMO", "peut-être"),
        ("PROXIES", "deux"),
        ("STORAGE_URL", "s3://"),
        ("STORAGE_URL", "s3:///prefixe"),
        ("FILE_LIMIT_MB", "0"),
        ("FILE_LIMIT_MB", "vingt"),
        ("MEMBER_LIMIT_MB", "0"),
        ("ACCEL_PREFIX", "fichiers"),
        ("STORAGE_REDIRECT", "parfois"),
    ],
)
def test_a_setting_not_understood_stops_the_start(tmp_path: Path, name: str, value: str):
    with pytest.raises(SettingError) as refused:
        load_settings({"SECRET_KEY": KEY} | {name: value}, instance=tmp_path)
    line = str(refused.value)
    assert line.startswith(name)
    assert "\n" not in line


def test_a_misspelt_setting_is_refused(tmp_path: Path):
    with pytest.raises(SettingError, match="ENTREPAIRS_DATABSE_URL"):
        load_settings({"SECRET_KEY": KEY, "ENTREPAIRS_DATABSE_URL": "sqlite:///x"}, instance=tmp_path)


def test_a_key_is_required_outside_the_demo(tmp_path: Path):
    with pytest.raises(SettingError, match="SECRET_KEY"):
        load_settings({}, instance=tmp_path)


def test_the_demo_makes_its_key_once_and_keeps_it(tmp_path: Path):
    first = load_settings({"DEMO": "1"}, instance=tmp_path)
    second = load_settings({"DEMO": "1"}, instance=tmp_path)
    assert len(first.secret_key) >= 40
    assert first.secret_key == second.secret_key
