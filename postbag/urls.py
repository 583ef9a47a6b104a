"""Every address, by app."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from postbag import api_urls, converters
from postbag.private import private

converters.register()
admin.site.login = private(secure_admin_login(admin.site.login))  # type: ignore[assignment,method-assign]  # by our own page

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include(api_urls)),
    path("", include("moderation.urls")),
    path("", include("postbag.signin.urls")),
    path("", include("postbag.mine.urls")),
    path("", include("mail.urls")),
    path("", include("sharing.urls")),
    path("", include("blog.urls")),
]
