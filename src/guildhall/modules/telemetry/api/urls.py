"""The addresses of telemetry's API."""

from django.urls import path

from guildhall.modules.telemetry.api import datapoints, datasources

urlpatterns = [
    path("datapoints/", datapoints.DatapointListView.as_view()),
    path("datapoints/<int:pk>/", datapoints.DatapointDetailView.as_view()),
    path("datapoints/<int:pk>/timeseries/", datapoints.TimeseriesView.as_view()),
    path("datasources/", datasources.DatasourceListView.as_view()),
    path("datasources/<uuid:pk>/", datasources.DatasourceDetailView.as_view()),
    path("datasources/<uuid:pk>/rotate/", datasources.RotationView.as_view()),
    path("datasources/<uuid:pk>/rights/", datasources.RightsView.as_view()),
    path("datasources/<uuid:pk>/refused/", datasources.RefusedPublishListView.as_view()),
    path("datasources/<uuid:pk>/dead-letters/", datasources.DeadLetterListView.as_view()),
]
