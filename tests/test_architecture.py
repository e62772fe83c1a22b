"""Conventions that are worth saying twice: the floors, the doors, the places where things are made."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted((ROOT / "community").rglob("*.py")) + sorted((ROOT / "search_index").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
COMMITTERS = {"community/core/db.py", "community/core/web.py", "community/core/outbox.py", "community/seeds/tell.py"}
#: POST endpoints about the sender alone (account, drafts, language): there is no other object to have a right on
OPEN_TO_ALL = re.compile(
    r"^(web\.set_language|personal_data\.later|notifications\.stop_digest|accounts\.|members\.|drafts\.)"
)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_each_floor_looks_down_only():
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-3000:]


def test_markup_is_made_in_one_place():
    guilty = [
        relative(path)
        for path in CODE
        if re.search(r"\bMarkup\(|\|\s*safe\b", path.read_text(encoding="utf-8")) and path.name != "text.py"
    ]
    guilty += [relative(path) for path in TEMPLATES if re.search(r"\|\s*safe\b", path.read_text(encoding="utf-8"))]
    assert guilty == []


def test_commit_happens_in_views_only():
    """Nothing below a view ends a transaction (the worker's loop and the commands are views of their own)."""
    allowed = re.compile(r"(views|cli|tasks)\.py$|^community/imports/|^community/seeds/")
    guilty = []
    for path in CODE:
        name = relative(path)
        if allowed.search(name) or name in COMMITTERS or name.startswith("search_index/"):
            continue
        if re.search(r"(?<!def )\b(commit\(\)|saved\()", path.read_text(encoding="utf-8")):
            guilty.append(name)
    assert guilty == []


def test_request_and_session_stay_in_views_and_core():
    allowed = re.compile(r"(views|forms|throttle)\.py$|^community/core/|^community/contributions/permalink\.py$")
    guilty = []
    for path in CODE:
        if allowed.search(relative(path)):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in ("flask", "flask_login"):
                names = {alias.name for alias in node.names} & {"request", "session", "current_user"}
                guilty += [f"{relative(path)}: {name}" for name in names]
    assert guilty == []


def test_no_inline_script_or_style():
    """The content security policy would refuse them; they must not be written in the first place."""
    pattern = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"", re.I)
    pages = [path for path in TEMPLATES if path.suffix == ".html" and "emails" not in path.parts]
    assert [relative(path) for path in pages if pattern.search(path.read_text(encoding="utf-8"))] == []


def test_every_template_is_used():
    sources = "\n".join(path.read_text(encoding="utf-8") for path in [*CODE, *TEMPLATES])
    named = {str(path.relative_to(ROOT / "templates")) for path in TEMPLATES}
    mails = {name for name in named if name.startswith("emails/")}
    pages = {name for name in named - mails if f'"{name}"' not in sources and f"'{name}'" not in sources}
    unsent = {name for name in mails if f'"{name}"' not in sources and not _is_sent(name, sources)}
    errors = {name for name in pages if name.startswith("errors/")}
    assert (pages - errors) | unsent == set()


def _is_sent(name: str, sources: str) -> bool:
    """Mails are named without their ending; what begins with an underscore is extended by others."""
    stem = name.removeprefix("emails/").rpartition(".")[0]
    return Path(name).name.startswith("_") or f'"{stem}"' in sources or f'"{Path(stem).name}"' in sources


def test_every_posting_view_requires_a_permission(app: Flask):
    """A state change asks permissions.py, or is one of the few that anybody may do."""
    guilty = []
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or OPEN_TO_ALL.match(rule.endpoint):
            continue
        if not _asks(app.view_functions[rule.endpoint]):
            guilty.append(rule.endpoint)
    assert guilty == []


def _asks(view, depth: int = 3) -> bool:
    """The view, or a function of its module that it calls, calls require() or is about the signed-in person alone."""
    import inspect

    view = inspect.unwrap(view)
    source = inspect.getsource(view)
    if re.search(r"\brequire\(|\bpersonal\b|current_user", source) and "login_required" in source:
        return True
    module = inspect.getmodule(view)
    names = re.findall(r"\b([a-z_]+)\(", source)
    helpers = [getattr(module, name) for name in names if inspect.isfunction(getattr(module, name, None))]
    return depth > 0 and any("require(" in inspect.getsource(helper) for helper in helpers if helper is not view)


def test_every_address_answers(app: Flask):
    """No endpoint without a view, and no two views on one address and method."""
    seen: dict[tuple[str, str], str] = {}
    for rule in app.url_map.iter_rules():
        assert rule.endpoint in app.view_functions
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            key = (re.sub(r"<[^>]+>", "<>", rule.rule), method)
            assert seen.setdefault(key, rule.endpoint) == rule.endpoint, key


def test_templates_name_addresses_that_exist(app: Flask):
    """``serves("…")`` of an endpoint that was renamed hides a link for ever, and says nothing."""
    named = {
        (relative(path), endpoint)
        for path in TEMPLATES
        for endpoint in re.findall(r"(?:serves|url_for)\(\s*[\"']([a-z_]+\.[a-z_]+)[\"']", path.read_text("utf-8"))
    }
    assert named and [pair for pair in sorted(named) if pair[1] not in app.view_functions] == []


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_files_stay_one_noun(path: Path):
    """A file of more than 330 lines is two files."""
    if "migrations" in path.parts or path.name in ("territories.py", "permissions.py"):
        return
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 330


def test_no_machine_and_no_registry_in_what_is_committed():
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    pattern = re.compile(r"/work/|/root/|/opt/pypi|registry\.npmjs|pypi\.org/simple|files\.pythonhosted")
    guilty = []
    for name in files:
        path = ROOT / name
        if (
            not name
            or path.suffix in (".png", ".docx", ".pdf")
            or not path.is_file()
            or name == relative(Path(__file__))
        ):
            continue
        if pattern.search(path.read_text(encoding="utf-8", errors="ignore")):
            guilty.append(name)
    assert guilty == []
