"""What can go wrong with the stack, each said in a sentence that names the way out."""


class StackError(Exception):
    """The stack cannot do what was asked; the text is meant for the person at the terminal."""


class ServerError(StackError):
    """A server could not be prepared, started or stopped."""


class PortBusyError(StackError):
    """A port that must be listened on is taken by another program."""
