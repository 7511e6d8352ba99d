"""The addresses of telemetry's pages."""

from django.urls import path

from guildhall.modules.telemetry.web import views

app_name = "telemetry"
urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("ca.pem", views.Authority.as_view(), name="authority"),
    path("datasources/", views.Datasources.as_view(), name="datasources"),
    path("datasources/new/", views.CreateDatasource.as_view(), name="create-datasource"),
    path("datasources/<uuid:pk>/", views.ShowDatasource.as_view(), name="datasource"),
    path("datasources/<uuid:pk>/activity/", views.ShowActivity.as_view(), name="activity"),
    path("datasources/<uuid:pk>/rights/", views.EditRights.as_view(), name="rights"),
    path("datasources/<uuid:pk>/rotate/", views.RotateSecret.as_view(), name="rotate"),
    path("datasources/<uuid:pk>/switch/", views.SwitchDatasource.as_view(), name="switch"),
    path("datasources/<uuid:pk>/delete/", views.DeleteDatasource.as_view(), name="delete-datasource"),
]
