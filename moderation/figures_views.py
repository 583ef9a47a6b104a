"""The pages with a blog's figures: one for the desk, and one for everybody where the blog shows it."""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from blog.models import Blog
from blog.views import BlogRequest
from moderation import figures
from moderation.models import Moderator
from moderation.roles import SEE
from postbag import pagecache
from postbag.private import private


@private
@login_required
@permission_required(SEE, raise_exception=True)
@require_safe
def desk(request: BlogRequest) -> HttpResponse:
    """The figures of a blog that this person may see: the one that is asked for, or that of this host, or the first."""
    mine = Moderator.objects.blogs_of(request.user).order_by("name", "pk")
    number = request.GET.get("blog", "")
    known = {"pk": number} if number.isascii() and number.isdigit() and len(number) < 18 else {}
    chosen = get_object_or_404(mine, **known) if known else mine.filter(pk=request.blog.pk).first() or mine.first()
    context = {"desk": True, "blog": request.blog, "tab": "figures", "blogs": mine, "chosen": chosen, "few": 0}
    return render(request, "moderation/desk/figures.html", context | (_numbers(chosen) if chosen else {}))


@require_safe
def public(request: BlogRequest) -> HttpResponse:
    """The same for everybody, without small numbers. Raises Http404 where the blog does not show them."""
    blog = request.blog
    if not blog.shows_figures:
        raise Http404

    def render_page() -> str:
        context = {"blog": blog, "few": figures.FEW, **_numbers(blog)}
        return render_to_string("moderation/figures.html", context)

    counted = list(figures.lately(blog).values_list())  # the clock changes these rows, and no page's version
    return pagecache.page(request, blog.version, render_page, variant=str(counted))


def _numbers(blog: Blog) -> dict[str, Any]:
    months = list(figures.lately(blog))
    return {"months": months, "bars": figures.bars(reversed(months)), "promise": blog.promise}
