"""What can be wrong with a datasource or a datapoint."""

from guildhall.core.errors import ConflictError


class NameTakenError(ConflictError):
    """There is a datasource or datapoint of this name in the same place."""

    code = "name_taken"
    title = "This name is taken"


class KeyTakenError(ConflictError):
    """There is a datapoint with this key in the same place."""

    code = "key_taken"
    title = "This key is taken"
