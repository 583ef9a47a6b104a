"""Who decides, and by which rules. Comments are not here: they are decided at the desk, and never edited."""

from django.contrib import admin

from moderation.models import Moderator, Reason, Team


@admin.register(Moderator)
class ModeratorAdmin(admin.ModelAdmin):
    list_display = ["user", "blog", "duty"]
    list_filter = ["blog"]


@admin.register(Reason)
class ReasonAdmin(admin.ModelAdmin):
    list_display = ["title", "blog", "position"]
    list_filter = ["blog"]


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    list_display = ["name", "blog", "address"]
    list_filter = ["blog"]
