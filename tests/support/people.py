"""A small house to test in: one organization with somebody in each role, and another that must never be seen."""

from dataclasses import dataclass

from guildhall.core.accounts.models import User
from guildhall.core.organizations import services
from guildhall.core.organizations.models import Organization, Project, ProjectObject, RoleAssignment
from guildhall.core.organizations.policy import Role

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class House:
    organization: Organization
    project: Project
    other_project: Project
    thing: ProjectObject
    other_thing: ProjectObject
    foreign_organization: Organization
    foreign_project: Project
    foreign_thing: ProjectObject
    admin: User
    moderator: User
    user: User
    stranger: User
    superuser: User

    def person(self, name: str) -> User | None:
        return None if name == "anonymous" else getattr(self, name)


def make_person(name: str, **extra: bool) -> User:
    return User.objects.create_user(f"{name}@example.org", PASSWORD, name=name.title(), **extra)


def build_house() -> House:
    """The same house every time; about fifteen rows."""
    admin, moderator, user, stranger = (make_person(name) for name in ("admin", "moderator", "user", "stranger"))
    superuser = make_person("superuser", is_staff=True, is_superuser=True)
    organization = services.create_organization(actor=admin, name="Makers")
    project = organization.projects.get()
    other_project = services.create_project(actor=admin, organization=organization, name="Workshop")
    thing = project.objects_in_project.get()
    other_thing = services.create_object(actor=admin, project=project, name="Laser cutter")
    foreign = services.create_organization(actor=stranger, name="Elsewhere")
    RoleAssignment.objects.create(user=moderator, role=Role.MODERATOR, organization=organization, project=project)
    RoleAssignment.objects.create(user=user, role=Role.USER, organization=organization, project=project, object=thing)
    return House(
        organization=organization,
        project=project,
        other_project=other_project,
        thing=thing,
        other_thing=other_thing,
        foreign_organization=foreign,
        foreign_project=foreign.projects.get(),
        foreign_thing=ProjectObject.objects.get(project__organization=foreign),
        admin=admin,
        moderator=moderator,
        user=user,
        stranger=stranger,
        superuser=superuser,
    )
