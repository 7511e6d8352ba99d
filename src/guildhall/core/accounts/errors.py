"""What can be wrong with an account, a password or a token."""

from http import HTTPStatus

from guildhall.core.errors import ConflictError, GuildhallError, InvalidInputError, NotAllowedError


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


class LockedOutError(GuildhallError):
    """After too many failures nobody may try for some time; whether there is such an account is not told."""

    code = "too_many_failures"
    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many attempts failed; wait before the next one"

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


class SecondFactorRequiredError(GuildhallError):
    """Address and password fit; `challenge` proves that for a few minutes, and a code has to come with it."""

    code = "second_factor_required"
    status = HTTPStatus.UNAUTHORIZED
    title = "Enter the code of your second factor"

    def __init__(self, challenge: str) -> None:
        super().__init__()
        self.members = {"challenge": challenge}


class WrongCodeError(GuildhallError):
    """The code is wrong, was used before, or comes too late."""

    code = "wrong_code"
    status = HTTPStatus.UNAUTHORIZED
    title = "This code is not right, or was used before"


class InvalidChallengeError(GuildhallError):
    """The proof of the password is malformed or too old."""

    code = "challenge_not_valid"
    status = HTTPStatus.UNAUTHORIZED
    title = "This took too long; sign in again"


class InvalidLinkError(InvalidInputError):
    """A token from a mail that is malformed, used or expired; which of them is not told."""

    code = "link_not_valid"
    title = "This link is not valid any more; ask for a new one"


class SecondFactorEnabledError(ConflictError):
    """There is a second factor already."""

    code = "second_factor_enabled"
    title = "The second factor is on already; switch it off first"


class SecondFactorMissingError(ConflictError):
    """There is no second factor to work with."""

    code = "second_factor_missing"
    title = "There is no second factor"


class LastSuperuserError(ConflictError):
    """Somebody has to look after the site."""

    code = "last_superuser"
    title = "The site needs a superuser; make somebody else one first"
