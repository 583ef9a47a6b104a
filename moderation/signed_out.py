"""What a form of the desk answers whose writer was signed out while they typed."""

from http import HTTPStatus

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from blog.views import BlogRequest
from postbag.typed import typed


def sign_in_first(request: BlogRequest, pk: int, back: str = "desk-comment") -> HttpResponse:
    """To sign in, and from there to this page of the comment, not to this address; no typed word is lost.

    A script must not take that page for a card.
    """
    answer = redirect_to_login(reverse(back, args=[pk]))
    if "HX-Request" in request.headers:
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": answer.url})
    if words := typed(request):
        context = {"blog": request.blog, "typed": words, "sign_in": answer.url}
        return render(request, "moderation/desk/signed_out.html", context, status=HTTPStatus.FORBIDDEN)
    return answer
