"""The addresses of telemetry's API."""

from django.urls import path

from guildhall.modules.telemetry.api import (
    configurations,
    datapoints,
    datasources,
    prometheus,
    retention,
    series,
)

urlpatterns = [
    path("configurations/", configurations.ConfigurationListView.as_view()),
    path("configurations/<uuid:pk>/", configurations.ConfigurationDetailView.as_view()),
    path("configurations/<uuid:pk>/sections/<path:path>", configurations.SectionView.as_view()),
    path("configurations/<uuid:pk>/versions/", configurations.VersionListView.as_view()),
    path("configurations/<uuid:pk>/versions/<int:number>/", configurations.VersionView.as_view()),
    path("configurations/<uuid:pk>/versions/<int:number>/restore/", configurations.RestoreView.as_view()),
    path("datapoints/", datapoints.DatapointListView.as_view()),
    path("datapoints/bulk/", datapoints.DatapointBulkView.as_view()),
    path("datapoints/ids/", series.DatapointIdsView.as_view()),
    path("datapoints/<int:pk>/", datapoints.DatapointDetailView.as_view()),
    path("datapoints/<int:pk>/aggregates/", series.AggregatesView.as_view()),
    path("datapoints/<int:pk>/retention/", retention.DatapointRetentionView.as_view()),
    path("datapoints/<int:pk>/timeseries/", retention.TimeseriesView.as_view()),
    path("datasources/", datasources.DatasourceListView.as_view()),
    path("datasources/<uuid:pk>/", datasources.DatasourceDetailView.as_view()),
    path("datasources/<uuid:pk>/rotate/", datasources.RotationView.as_view()),
    path("datasources/<uuid:pk>/rights/", datasources.RightsView.as_view()),
    path("datasources/<uuid:pk>/refused/", datasources.RefusedPublishListView.as_view()),
    path("datasources/<uuid:pk>/dead-letters/", datasources.DeadLetterListView.as_view()),
    path("projects/<uuid:pk>/retention/", retention.ProjectRetentionView.as_view()),
    path("timeseries/query/", series.QueryView.as_view()),
    path("timeseries/query", series.QueryWithoutSlashView.as_view()),
    path("prometheus/api/v1/query", prometheus.QueryView.as_view()),
    path("prometheus/api/v1/query_range", prometheus.QueryRangeView.as_view()),
    path("prometheus/api/v1/series", prometheus.SeriesView.as_view()),
    path("prometheus/api/v1/labels", prometheus.LabelsView.as_view()),
    path("prometheus/api/v1/label/<str:name>/values", prometheus.LabelValuesView.as_view()),
    path("prometheus/api/v1/metadata", prometheus.MetadataView.as_view()),
    path("prometheus/api/v1/status/buildinfo", prometheus.BuildInfoView.as_view()),
]
