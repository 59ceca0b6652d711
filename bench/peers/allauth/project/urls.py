"""allauth's own routes and no more."""

from django.urls import include, path

urlpatterns = [path("accounts/", include("allauth.urls")), path("_allauth/", include("allauth.headless.urls"))]
