"""The addresses of sign-in and of people."""

from django.urls import path

from guildhall.core.accounts.api import views

urlpatterns = [
    path("auth/register/", views.RegisterView.as_view()),
    path("auth/login/", views.LoginView.as_view()),
    path("auth/logout/", views.LogoutView.as_view()),
    path("auth/refresh/", views.RefreshView.as_view()),
    path("users/", views.UserListView.as_view()),
    path("users/me/", views.MeView.as_view()),
    path("users/<uuid:pk>/", views.UserView.as_view()),
]
