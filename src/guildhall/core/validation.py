"""Runs a model's own validators and `clean()`, and tells what is wrong in Guildhall's terms."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from guildhall.core.errors import InvalidInputError


def as_invalid_input(error: ValidationError) -> InvalidInputError:
    """The same findings as Guildhall's error; what concerns no single field stands under an empty name."""
    if not hasattr(error, "error_dict"):
        return InvalidInputError(fields={"": error.messages})
    return InvalidInputError(
        fields={("" if name == NON_FIELD_ERRORS else name): found for name, found in error.message_dict.items()}
    )


def is_storable(text: str) -> bool:
    """Whether PostgreSQL takes the text: no NUL, nothing that has no UTF-8."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def clean_or_raise(thing: models.Model, **full_clean: Any) -> None:
    """Validate the fields and rules of an unsaved or changed row; options are those of Django's `full_clean`.

    Raises:
        InvalidInputError: with every field at fault.
    """
    # What the database computes is not there before it is saved. `_meta` is public, as Django documents it.
    fields = [field for field in thing._meta.concrete_fields if not field.generated]  # noqa: SLF001
    texts = ((field.name, getattr(thing, field.attname)) for field in fields)
    unstorable = [name for name, value in texts if isinstance(value, str) and not is_storable(value)]
    if unstorable:
        raise InvalidInputError(
            fields={name: [_("This text holds a character that can't be kept.")] for name in unstorable}
        )
    try:
        thing.full_clean(**full_clean)
    except ValidationError as error:
        raise as_invalid_input(error) from error
