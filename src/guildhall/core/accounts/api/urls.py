"""The addresses of sign-in and of people."""

from django.urls import path

from guildhall.core.accounts.api import keys, lifecycle, security, sign_ins, views

urlpatterns = [
    path("auth/register/", views.RegisterView.as_view()),
    path("auth/login/", views.LoginView.as_view()),
    path("auth/login/second-factor/", views.SecondFactorLoginView.as_view()),
    path("auth/password/change/", security.PasswordChangeView.as_view()),
    path("auth/password/reset/", security.PasswordResetRequestView.as_view()),
    path("auth/password/reset/confirm/", security.PasswordResetView.as_view()),
    path("auth/verify-email/", security.VerifyEmailView.as_view()),
    path("auth/verify-email/resend/", security.ResendVerificationView.as_view()),
    path("auth/second-factor/", security.SecondFactorView.as_view()),
    path("auth/second-factor/confirm/", security.SecondFactorConfirmView.as_view()),
    path("auth/second-factor/disable/", security.SecondFactorDisableView.as_view()),
    path("auth/second-factor/recovery-codes/", security.RecoveryCodesView.as_view()),
    path("auth/logout/", views.LogoutView.as_view()),
    path("auth/refresh/", views.RefreshView.as_view()),
    path("api-keys/", keys.ApiKeyListView.as_view()),
    path("api-keys/<uuid:pk>/", keys.ApiKeyView.as_view()),
    path("sessions/", sign_ins.SignInListView.as_view()),
    path("sessions/<uuid:pk>/", sign_ins.SignInView.as_view()),
    path("users/", views.UserListView.as_view()),
    path("users/me/", views.MeView.as_view()),
    path("users/me/export/", lifecycle.ExportView.as_view()),
    path("users/me/deactivate/", lifecycle.DeactivateSelfView.as_view()),
    path("users/me/erase/", lifecycle.EraseSelfView.as_view()),
    path("users/<uuid:pk>/", views.UserView.as_view()),
    path("users/<uuid:pk>/deactivate/", lifecycle.DeactivateView.as_view()),
    path("users/<uuid:pk>/reactivate/", lifecycle.ReactivateView.as_view()),
]
