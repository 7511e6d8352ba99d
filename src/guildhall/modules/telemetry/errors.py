"""What can be wrong with a datasource, a datapoint, or what is to be stored."""

from http import HTTPStatus

from guildhall.core.errors import ConflictError, GuildhallError


class NameTakenError(ConflictError):
    """There is a datasource or datapoint of this name in the same place."""

    code = "name_taken"
    title = "This name is taken"


class KeyTakenError(ConflictError):
    """There is a datapoint with this key in the same place."""

    code = "key_taken"
    title = "This key is taken"


class InvalidDatasourceCredentialsError(GuildhallError):
    """User name and secret do not fit, or the datasource is switched off or expired; which of them is not told."""

    code = "datasource_credentials_not_valid"
    status = HTTPStatus.UNAUTHORIZED
    title = "The datasource's user name or secret is not right, or it may not be used now"


class SealingIsBehindError(GuildhallError):
    """So much waits to be sealed that no more is taken."""

    code = "sealing_is_behind"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "More comes in than can be packed away; try again soon"
    retry_after_s = 5
