"""The addresses of what there is to read."""

from django.urls import path

from blog import views
from postbag.converters import POST

urlpatterns = [
    path("", views.home, name="home"),
    path(POST, views.post, name="post"),
    path("category/<slug:slug>/", views.category, name="category"),
    path("author/<slug:slug>/", views.author, name="author"),
    path("privacy/", views.privacy, name="privacy"),
    path("cookies/", views.cookies, name="cookies"),
    path("accessibility/", views.accessibility, name="accessibility"),
]
