"""The addresses, as they stand at the site's root."""

from django.urls import path

from guildhall.modules.telemetry.protocols import influx

urlpatterns = [
    path("api/v2/write", influx.write, {"place": "bucket"}),
    path("api/v2/ping", influx.ping),
    path("write", influx.write, {"place": "db"}),
    path("ping", influx.ping),
    path("health", influx.health),
]
