"""The addresses of telemetry's pages."""

from django.urls import path

from guildhall.modules.telemetry.web import alarms, configurations, datapoints, explore, mapping, retention, views

app_name = "telemetry"
urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("alarms/", alarms.Alarms.as_view(), name="alarms"),
    path("alarms/on/", views.AlarmsOn.as_view(), name="alarms-on"),
    path("alarms/now/", alarms.AlarmsNow.as_view(), name="alarms-now"),
    path("alarms/<int:pk>/acknowledge/", alarms.Acknowledge.as_view(), name="acknowledge"),
    path("alarm-rules/<uuid:pk>/", alarms.ShowRule.as_view(), name="alarm-rule"),
    path("alarm-rules/<uuid:pk>/delete/", alarms.DeleteRule.as_view(), name="delete-alarm-rule"),
    path("datapoints/<int:pk>/alarms/", alarms.DatapointRules.as_view(), name="alarm-rules"),
    path("ca.pem", views.Authority.as_view(), name="authority"),
    path("configurations/", configurations.Configurations.as_view(), name="configurations"),
    path("configurations/new/", configurations.CreateConfiguration.as_view(), name="create-configuration"),
    path("configurations/<uuid:pk>/", configurations.ShowConfiguration.as_view(), name="configuration"),
    path("configurations/<uuid:pk>/delete/", configurations.DeleteConfiguration.as_view(), name="delete-configuration"),
    path(
        "configurations/<uuid:pk>/versions/<int:number>/restore/",
        configurations.RestoreConfiguration.as_view(),
        name="restore-configuration",
    ),
    path("datapoints/<int:pk>/delete-values/", retention.DeleteValues.as_view(), name="delete-values"),
    path("datapoints/<int:pk>/retention/", retention.DatapointRetention.as_view(), name="datapoint-retention"),
    path("projects/<uuid:pk>/retention/", retention.ProjectRetention.as_view(), name="project-retention"),
    path("datapoints/<int:pk>/", datapoints.ShowDatapoint.as_view(), name="datapoint"),
    path("datapoints/<int:pk>/delete/", datapoints.DeleteDatapoint.as_view(), name="delete-datapoint"),
    path("explore/", explore.Explore.as_view(), name="explore"),
    path("datasources/", views.Datasources.as_view(), name="datasources"),
    path("datasources/new/", views.CreateDatasource.as_view(), name="create-datasource"),
    path("datasources/<uuid:pk>/", views.ShowDatasource.as_view(), name="datasource"),
    path("datasources/<uuid:pk>/activity/", views.ShowActivity.as_view(), name="activity"),
    path("datasources/<uuid:pk>/mapping/", mapping.EditMapping.as_view(), name="mapping"),
    path("datasources/<uuid:pk>/rights/", views.EditRights.as_view(), name="rights"),
    path("datasources/<uuid:pk>/rotate/", views.RotateSecret.as_view(), name="rotate"),
    path("datasources/<uuid:pk>/switch/", views.SwitchDatasource.as_view(), name="switch"),
    path("datasources/<uuid:pk>/delete/", views.DeleteDatasource.as_view(), name="delete-datasource"),
]
