"""Fields of REST framework's serializers that more than one module uses."""

from typing import Any, Never

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class ChoiceField(serializers.ChoiceField):
    """One of some words; whoever sends another one is told which there are."""

    default_error_messages = {"invalid_choice": _("“{input}” is none of these: {choices}.")}

    def fail(self, key: str, **kwargs: Any) -> Never:
        super().fail(key, choices=", ".join(self.choice_strings_to_values), **kwargs)
