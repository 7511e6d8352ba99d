"""What can be wrong with a task, a tag or a template."""

from guildhall.core.errors import ConflictError


class ParentCycleError(ConflictError):
    """The task would be above itself."""

    code = "parent_cycle"
    title = "A task can't be a part of itself"


class NameTakenError(ConflictError):
    """There is a tag or template of this name in the organization."""

    code = "name_taken"
    title = "This name is taken"
