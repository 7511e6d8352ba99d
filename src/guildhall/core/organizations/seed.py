"""The people and places of the demo: an organization with two projects of three objects, people in random roles."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from guildhall.core.accounts.models import User
from guildhall.core.organizations import services
from guildhall.core.organizations.models import Organization, Project, ProjectObject
from guildhall.core.organizations.policy import Role

DOMAIN = "guildhall.example"
PASSWORD = "guildhall-demo"  # noqa: S105 — printed for everybody who tries the demo.
ORGANIZATION = "Harbour Makers"

PLACES = {
    "Workshop": {
        "Wood shop": "Table saw, planer and the dust extraction",
        "Laser cutter": "CO₂ laser with chiller and exhaust",
        "Print corner": "Four 3D printers and their filament dryer",
    },
    "Greenhouse": {
        "Propagation room": "Seedlings under lamps",
        "Aquaponics": "Fish tank, pump and grow beds",
        "Weather mast": "Wind, rain and sun on the roof",
    },
}
PEOPLE = (
    ("Noor Haddad", "Europe/Amsterdam", "en"),
    ("Sergey Volkov", "Europe/Moscow", "ru"),
    ("Ines Carvalho", "Europe/Lisbon", "en"),
    ("Priya Raman", "Asia/Kolkata", "en"),
    ("Tomasz Zielinski", "Europe/Warsaw", "en"),
    ("Anna Petrova", "Asia/Yekaterinburg", "ru"),
    ("Jonas Lind", "Europe/Stockholm", "en"),
    ("Maya Okafor", "Africa/Lagos", "en"),
)


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """What the seeds of modules fill with their own things."""

    organization: Organization
    projects: tuple[Project, ...]
    objects: tuple[ProjectObject, ...]
    admin: User
    people: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody to sign in as."""

    email: str
    password: str
    description: str

    def __str__(self) -> str:
        return f"{self.email}  {self.password}  {self.description}"


def demo_place() -> DemoPlace | None:
    """The demo if it was seeded before."""
    admin = User.objects.filter(email=f"ada@{DOMAIN}").first()
    organization = Organization.objects.filter(name=ORGANIZATION, roleassignments__user=admin).first()
    if admin is None or organization is None:
        return None
    return DemoPlace(
        organization=organization,
        projects=tuple(organization.projects.order_by("created_at", "name")),
        objects=tuple(
            ProjectObject.objects.filter(project__organization=organization)
            .select_related("project")
            .order_by("project__created_at", "created_at", "name")
        ),
        admin=admin,
        people=tuple(User.objects.filter(role_assignments__organization=organization).distinct().order_by("email")),
    )


@transaction.atomic
def seed_people_and_places(rng: random.Random, advance: Callable[[], None]) -> DemoPlace:
    """Create the demo, or return the one that is there; `advance` is called once a person."""
    found = demo_place()
    if found is not None:
        return found
    User.objects.create_superuser(f"root@{DOMAIN}", PASSWORD, name="Root")
    admin = User.objects.create_user(f"ada@{DOMAIN}", PASSWORD, name="Ada Lindqvist", time_zone="Europe/Berlin")
    organization = services.create_organization(actor=admin, name=ORGANIZATION)
    organization.projects.all().delete()
    objects = [
        services.create_object(
            actor=admin,
            project=project,
            name=name,
            description=description,
        )
        for project_name, things in PLACES.items()
        for project in [services.create_project(actor=admin, organization=organization, name=project_name)]
        for name, description in things.items()
    ]
    members = [admin]
    for name, time_zone, language in PEOPLE:
        email = f"{name.split()[0].lower()}@{DOMAIN}"
        person = User.objects.create_user(email, PASSWORD, name=name, time_zone=time_zone, language=language)
        role = rng.choice([Role.ADMIN, Role.MODERATOR, Role.MODERATOR, Role.USER, Role.USER, Role.USER])
        thing = rng.choice(objects)
        place = services.resolve_scope(role=role, organization=organization, project=thing.project, thing=thing)
        services.grant_role(actor=admin, user=person, role=role, place=place)
        members.append(person)
        advance()
    for team, size in (("Machine wardens", 3), ("Garden crew", 4)):
        services.create_team(actor=admin, organization=organization, name=team, members=rng.sample(members, size))
    for person in members:
        services.choose_active_organization(actor=person, organization=organization)
    seeded = demo_place()
    assert seeded is not None
    return seeded


def demo_accounts(place: DemoPlace) -> list[DemoAccount]:
    """One account for each role, the widest first."""
    accounts = [
        DemoAccount(f"root@{DOMAIN}", PASSWORD, "superuser, sees everything, may use /admin/"),
        DemoAccount(place.admin.email, PASSWORD, f"admin of {place.organization.name}"),
    ]
    for role in (Role.MODERATOR, Role.USER):
        held = (
            place.organization.roleassignments.filter(role=role.value)
            .select_related("user", "project", "object")
            .order_by("user__email")
            .first()
        )
        if held is not None:
            where = held.object or held.project
            accounts.append(DemoAccount(held.user.email, PASSWORD, f"{role.value} of {where}"))
    return accounts
