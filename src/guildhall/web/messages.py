"""The sentences of the scripts. `frontend/src/messages.ts` finds them in the page, in its language."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

CLIENT_MESSAGES = (
    _("1 hour"),
    _("24 hours"),
    _("5 min"),
    _("Connecting"),
    _("Connection lost, trying again"),
    _("Copied"),
    _("Datapoint"),
    _("Line chart"),
    _("Live"),
    _("Live chart"),
    _("Loading the past values"),
    _("Newest values as a table"),
    _("No values in this window. The first one shows here as it arrives."),
    _("Nothing to draw yet: there is no datapoint here."),
    _("Period"),
    _("Press Ctrl+C"),
    _("The card could not be moved. Try it again."),
    _("The past values could not be read: {reason}"),
    _("Time"),
    _("Value"),
    _("just now"),
    _("no value yet"),
    _("{name}: no values"),
    _("{name}: now {now}, between {low} and {high}"),
)


def client_messages() -> dict[str, str]:
    """Each sentence with its translation into the language of the page."""
    return {sentence: gettext(sentence) for sentence in CLIENT_MESSAGES}
