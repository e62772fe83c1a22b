"""The people of a community's clauses: who proposes, who is an expert, two who moderate, and somebody from elsewhere."""

from __future__ import annotations

from types import SimpleNamespace

from told import told_once


@told_once
def people(make) -> SimpleNamespace:
    make.community("cantines")
    return SimpleNamespace(
        claire=make.member("Claire Martin", communities={"cantines": "member"}),
        paul=make.member("Paul Roche", communities={"cantines": "expert"}),
        ines=make.member("Inès Benali", communities={"cantines": "moderator"}),
        omar=make.member("Omar Haddad", communities={"cantines": "moderator"}),
        other=make.member("Julie Autre"),
    )
