"""Fixtures of the browser tests: one running site for all of them, and pages opened as anybody, with or without scripts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from live_site import Site, running_site
from mock_provider import CLIENT, SECRET, Provider, running_provider
from playwright.sync_api import Browser, Page, expect
from scene import Scene, tell

PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    args = browser_type_launch_args["args"]
    return {**browser_type_launch_args, "args": [*args, *(["--no-sandbox"] if os.geteuid() == 0 else [])]}


@pytest.fixture(scope="session")
def identity_provider() -> Iterator[Provider]:
    """An identity provider that the running site trusts."""
    with running_provider() as provider:
        yield provider


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, identity_provider: Provider) -> Iterator[Site]:
    trusted = {"OIDC_ISSUER": identity_provider.issuer, "OIDC_CLIENT_ID": CLIENT, "OIDC_CLIENT_SECRET": SECRET}
    with running_site(tmp_path_factory.mktemp("site"), **trusted) as running:
        identity_provider.redirect_uris = {f"{running.base}/connexion/fournisseur/retour"}
        yield running


@pytest.fixture(scope="session")
def scene(site: Site) -> Scene:
    told = tell(site)
    site.nudge()
    site.settle()
    return told


@pytest.fixture
def browser_page(browser: Browser, site: Site, scene: Scene) -> Iterator[Callable[..., Page]]:
    """``browser_page(js=True, width=1400, signed_in_as=member_id)``: a page of a browser of its own, on the running site.

    What a script complains about (an exception, something the security policy refused) fails the test.
    """
    site.forget_drafts()
    contexts, complaints = [], []

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)

    def open_page(js: bool = True, width: int = 1400, signed_in_as: int | None = None) -> Page:
        context = browser.new_context(
            base_url=site.base, java_script_enabled=js, viewport={"width": width, "height": 900}, locale="fr-FR"
        )
        context.set_default_timeout(PATIENCE)
        context.on("page", listen)
        contexts.append(context)
        if signed_in_as:
            context.add_cookies([site.cookie_of(signed_in_as)])
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


def _is_complaint(said) -> bool:
    """A refused form (401, 422…) is also noted in the console: that one is expected."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")
