"""The FastAPI application of the compute service: `/api/v1/…` on the site, and deployable alone.

Alone it serves its own documentation pages; on the site, `/docs` shows its schema beside Django's.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.settings.django")

import django
from django.apps import apps
from fastapi import FastAPI

if not apps.ready:
    django.setup()

from guildhall.core.http import fastapi as manners
from guildhall.services.compute.api import auth, organizations

app = FastAPI(
    title="Guildhall compute",
    version="1",
    description="Sign-in, organizations, clusters and deployments.",
    openapi_url="/openapi.json",
    docs_url=None,
    redoc_url=None,
)
manners.install(app, area="compute")
app.include_router(auth.router)
app.include_router(organizations.router)
