"""Runs a model's own validators and `clean()`, and tells what is wrong in Guildhall's terms."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from guildhall.core.errors import InvalidInputError


def as_invalid_input(error: ValidationError) -> InvalidInputError:
    """The same findings as Guildhall's error; what concerns no single field stands under an empty name."""
    if not hasattr(error, "error_dict"):
        return InvalidInputError(fields={"": error.messages})
    return InvalidInputError(
        fields={("" if name == NON_FIELD_ERRORS else name): found for name, found in error.message_dict.items()}
    )


def clean_or_raise(thing: models.Model) -> None:
    """Validate all fields and rules of an unsaved or changed row.

    Raises:
        InvalidInputError: with every field at fault.
    """
    try:
        thing.full_clean()
    except ValidationError as error:
        raise as_invalid_input(error) from error
