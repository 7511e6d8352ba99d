"""The address of the audit log."""

from django.urls import path

from guildhall.core.audit.api import views

urlpatterns = [path("audit/", views.AuditListView.as_view())]
