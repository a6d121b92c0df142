"""Decides which pages of sign-in there are. Of allauth only what we use is mounted, each page under a guard of ours."""

from allauth.account.views import AccountInactiveView, LogoutView
from allauth.account.views import ReauthenticateView as PasswordAgainView
from allauth.mfa.recovery_codes.views import DownloadRecoveryCodesView, GenerateRecoveryCodesView, ViewRecoveryCodesView
from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, path
from django.views.generic import RedirectView

from goodterms.desk.signin import factors, pages, sample, trying
from goodterms.desk.signin.guard import of_anybody, of_newcomer, of_person, signing_in

urlpatterns: list[URLPattern] = [
    path("login/", signing_in(pages.SignIn.as_view()), name="account_login"),
    path("login/passkey/", signing_in(trying.Passkey.as_view()), name="mfa_login_webauthn"),
    path("login/second/", signing_in(trying.Second.as_view()), name="mfa_authenticate"),
    path("logout/", signing_in(LogoutView.as_view()), name="account_logout"),
    path("inactive/", signing_in(AccountInactiveView.as_view()), name="account_inactive"),
    path("invitation/<str:secret>/", signing_in(pages.invitation), name="invitation"),
    path("second-factor/", of_anybody(pages.second_factor), name="second-factor"),
    path("again/password/", signing_in(login_required(PasswordAgainView.as_view())), name="account_reauthenticate"),
    path("again/code/", signing_in(trying.CodeAgain.as_view()), name="mfa_reauthenticate"),
    path("again/passkey/", signing_in(trying.PasskeyAgain.as_view()), name="mfa_reauthenticate_webauthn"),
    path("passkeys/add/", of_newcomer(factors.AddPasskey.as_view()), name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/remove/", of_person(factors.RemovePasskey.as_view()), name="mfa_remove_webauthn"),
    path("passkeys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("app/add/", of_newcomer(factors.AddApp.as_view()), name="mfa_activate_totp"),
    path("app/remove/", of_person(factors.RemoveApp.as_view()), name="mfa_deactivate_totp"),
    path("codes/", of_person(ViewRecoveryCodesView.as_view()), name="mfa_view_recovery_codes"),
    path("codes/new/", of_person(GenerateRecoveryCodesView.as_view()), name="mfa_generate_recovery_codes"),
    path("codes/file/", of_person(DownloadRecoveryCodesView.as_view()), name="mfa_download_recovery_codes"),
    path("password/", of_person(pages.ChangePassword.as_view()), name="account_change_password"),
    path("sessions/end/", of_person(pages.end_sessions), name="end-sessions"),
    path("sessions/", RedirectView.as_view(pattern_name="mfa_index"), name="usersessions_list"),
    path("sample/", sample.sit_down, name="sample"),
    path("", of_person(pages.own_sign_in), name="mfa_index"),
]
