"""The addresses of telemetry's API."""

from django.urls import path

from guildhall.modules.telemetry.api import configurations, datapoints, datasources, series, uploads

urlpatterns = [
    path("configurations/", configurations.ConfigurationListView.as_view()),
    path("configurations/<uuid:pk>/", configurations.ConfigurationDetailView.as_view()),
    path("configurations/<uuid:pk>/sections/<path:path>", configurations.SectionView.as_view()),
    path("configurations/<uuid:pk>/versions/", configurations.VersionListView.as_view()),
    path("configurations/<uuid:pk>/versions/<int:number>/", configurations.VersionView.as_view()),
    path("configurations/<uuid:pk>/versions/<int:number>/restore/", configurations.RestoreView.as_view()),
    path("datapoints/", datapoints.DatapointListView.as_view()),
    path("datapoints/<int:pk>/", datapoints.DatapointDetailView.as_view()),
    path("datapoints/<int:pk>/aggregates/", series.AggregatesView.as_view()),
    path("datapoints/<int:pk>/timeseries/", uploads.TimeseriesView.as_view()),
    path("datasources/", datasources.DatasourceListView.as_view()),
    path("datasources/<uuid:pk>/", datasources.DatasourceDetailView.as_view()),
    path("datasources/<uuid:pk>/rotate/", datasources.RotationView.as_view()),
    path("datasources/<uuid:pk>/rights/", datasources.RightsView.as_view()),
    path("datasources/<uuid:pk>/refused/", datasources.RefusedPublishListView.as_view()),
    path("datasources/<uuid:pk>/dead-letters/", datasources.DeadLetterListView.as_view()),
    path("timeseries/query/", series.QueryView.as_view()),
    path("timeseries/query", series.QueryWithoutSlashView.as_view()),
]
