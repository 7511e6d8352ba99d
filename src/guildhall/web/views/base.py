"""How the views read what forms sent."""

from uuid import UUID

from django.http import Http404


def uuid_or_404(text: str | None) -> UUID:
    """The UUID that a form sent.

    Raises:
        Http404: it is none, so it names nothing.
    """
    try:
        return UUID(text or "")
    except ValueError as error:
        raise Http404 from error
