"""The rations of new members, asked of any form that publishes texts: the words stay, and a sentence says why not now."""

from __future__ import annotations

from typing import Any

from flask_login import current_user
from wtforms import TextAreaField

from community.people.accounts.trust import over_ration, too_fast


class Rationed:
    """Mixed into a form before Form. ``paced``: what it sends is something new, and counts in the rhythm."""

    paced = True

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)  # type: ignore[misc]
        texts = [field for field in self if isinstance(field, TextAreaField)]  # type: ignore[attr-defined]
        why = over_ration(current_user, "\n".join(field.data or "" for field in texts))
        if why is None and valid and self.paced:
            why = too_fast(current_user)
        if why is None or not texts:
            return valid
        texts[0].errors = [*texts[0].errors, why]
        return False
