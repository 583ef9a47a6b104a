"""Every address, by app."""

from django.contrib import admin
from django.urls import include, path

from postbag import api_urls, converters

converters.register()

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include(api_urls)),
    path("", include("mail.urls")),
    path("", include("moderation.urls")),
    path("", include("sharing.urls")),
    path("", include("blog.urls")),
]
