"""What is known of the request that is being handled, wherever in the code one stands."""

from contextvars import ContextVar

current_request_id: ContextVar[str] = ContextVar("guildhall_request_id", default="")
