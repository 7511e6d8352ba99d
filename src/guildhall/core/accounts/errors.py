"""What can be wrong with an account, a password or a token."""

from http import HTTPStatus

from guildhall.core.errors import ConflictError, GuildhallError, NotAllowedError


class WrongCredentialsError(GuildhallError):
    """Address and password do not fit; which of them is not told."""

    code = "wrong_credentials"
    status = HTTPStatus.UNAUTHORIZED
    title = "E-mail address or password is not right"


class InvalidTokenError(GuildhallError):
    """A token that is malformed, expired or revoked."""

    code = "token_not_valid"
    status = HTTPStatus.UNAUTHORIZED
    title = "This token is not valid; sign in again"


class TokenReusedError(InvalidTokenError):
    """A refresh token that was exchanged before; its family is revoked."""

    code = "token_reused"
    title = "This token was used before; all tokens of that sign-in are revoked"


class EmailTakenError(ConflictError):
    """There is an account with this address."""

    code = "email_taken"
    title = "There is an account with this e-mail address"


class InvalidApiKeyError(GuildhallError):
    """An API key that is malformed, unknown, expired or revoked; which of them is not told."""

    code = "api_key_not_valid"
    status = HTTPStatus.UNAUTHORIZED
    title = "This API key is not valid"


class ScopeMissingError(NotAllowedError):
    """An API key that is good, but whose scopes do not reach this far."""

    code = "scope_missing"
    title = "The scopes of this API key do not allow this"


class SignInNeededError(NotAllowedError):
    """An API key where the person is asked for: credentials are not managed by credentials that programs hold."""

    code = "sign_in_needed"
    title = "An API key can't do this; sign in yourself"
