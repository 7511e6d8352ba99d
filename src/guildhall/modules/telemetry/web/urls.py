"""The addresses of telemetry's pages."""

from django.urls import path

from guildhall.modules.telemetry.web import configurations, mapping, views

app_name = "telemetry"
urlpatterns = [
    path("", views.Home.as_view(), name="home"),
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
