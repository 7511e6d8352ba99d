"""Django's own part as a WSGI application, for servers that speak WSGI."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.settings.django")

application = get_wsgi_application()
