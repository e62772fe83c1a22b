"""The matrix of rights.py as a table: for the terminal, and for docs/permissions.md."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from community import permissions
from community.rights import MATRIX, ROLES, TAKEN_BY_BAN, TAKEN_BY_SILENCE

YES, NO = "✓", "·"


@click.command("permissions")
@click.option("--markdown", is_flag=True, help="As docs/permissions.md has it.")
def permissions_command(markdown: bool) -> None:
    """Print who may do what: every rule of permissions.py, for every role."""
    click.echo(as_markdown() if markdown else as_text())


def rows() -> Iterator[tuple[str, str, list[str]]]:
    """(rule, what it is asked about, a mark for each role), rules in the order of permissions.py."""
    names = list(vars(permissions))
    for ability, subject in sorted(MATRIX, key=lambda row: names.index(row[0])):
        allowed = MATRIX[ability, subject]
        marks = [YES if role in allowed else NO for role in ROLES]
        yield ability.removeprefix("can_").replace("_", " "), subject.replace("_", " "), marks


def as_text() -> str:
    """Columns wide enough for their words."""
    heads = ["may", "about", *ROLES]
    lines = [heads, *([ability, subject, *marks] for ability, subject, marks in rows())]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def as_markdown() -> str:
    """The whole document: the table, what each rule says, and what sanctions take away."""
    parts = [
        "# Who may do what",
        "Printed by `flask permissions --markdown > docs/permissions.md` from `community/rights.py`, which "
        "`tests/test_permissions.py` holds to `community/permissions.py`. Do not edit by hand: a test compares.",
        "Roles: an *outsider* is signed in and has no place in the community; the *asker* wrote the question and the "
        "*answerer* the answer, both are members; *expert* and *moderator* are the community’s. "
        f"{YES} allowed, {NO} refused.",
        _table(),
        "## What each rule says",
        "\n".join(f"- **{name}**: {words}" for name, words in _rules()),
        "## What a sanction takes away",
        "A silence in a community takes: " + _named(TAKEN_BY_SILENCE) + ".",
        "A ban from it, or a quality that it bars, takes: " + _named(TAKEN_BY_BAN) + ".",
        "A suspension takes everything: the account cannot sign in.",
    ]
    return "\n\n".join(parts)


def _table() -> str:
    heads = ["may", "about", *ROLES]
    lines = [f"| {' | '.join(heads)} |", f"|{'|'.join(['---', '---', *([':-:'] * len(ROLES))])}|"]
    lines += [f"| {' | '.join([ability, subject, *marks])} |" for ability, subject, marks in rows()]
    return "\n".join(lines)


def _rules() -> Iterator[tuple[str, str]]:
    """Every rule that says something of itself, in the order of permissions.py."""
    for name, rule in vars(permissions).items():
        if name.startswith("can_") and inspect.isfunction(rule) and rule.__doc__:
            yield name.removeprefix("can_").replace("_", " "), " ".join(rule.__doc__.split())


def _named(abilities: frozenset[str]) -> str:
    return ", ".join(sorted(name.removeprefix("can_").replace("_", " ") for name in abilities))
