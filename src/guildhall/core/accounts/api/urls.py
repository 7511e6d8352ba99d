"""The addresses of sign-in and of people."""

from django.urls import path

from guildhall.core.accounts.api import keys, sign_ins, views

urlpatterns = [
    path("auth/register/", views.RegisterView.as_view()),
    path("auth/login/", views.LoginView.as_view()),
    path("auth/logout/", views.LogoutView.as_view()),
    path("auth/refresh/", views.RefreshView.as_view()),
    path("api-keys/", keys.ApiKeyListView.as_view()),
    path("api-keys/<uuid:pk>/", keys.ApiKeyView.as_view()),
    path("sessions/", sign_ins.SignInListView.as_view()),
    path("sessions/<uuid:pk>/", sign_ins.SignInView.as_view()),
    path("users/", views.UserListView.as_view()),
    path("users/me/", views.MeView.as_view()),
    path("users/<uuid:pk>/", views.UserView.as_view()),
]
