"""The API of search, suggestions and counts."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.errors import InvalidInputError
from guildhall.core.http.drf import actor_of
from guildhall.core.http.fields import ChoiceField
from guildhall.core.http.paging import page_size_of
from guildhall.core.organizations.api.asked import named_organization
from guildhall.core.validation import is_storable
from guildhall.modules.tasks import facets, search, selectors
from guildhall.modules.tasks.api.asked import FILTERS, filter_of
from guildhall.modules.tasks.api.rows import row_of
from guildhall.modules.tasks.api.serializers import TaskSerializer
from guildhall.modules.tasks.api.tasks import TaskView, asked_tasks
from guildhall.modules.tasks.models import STATUS_CHOICES
from guildhall.modules.tasks.models.tasks import LISTED

LONGEST_QUERY = 500
QUERY = OpenApiParameter("q", str, required=True, description="What to look for.")
ORGANIZATION = FILTERS[0]
OTHER_FILTERS = [parameter for parameter in FILTERS if parameter.name != "search"]
PAGING = [
    OpenApiParameter("cursor", str, description="Where the page begins."),
    OpenApiParameter("page_size", int, description="From 1 to 200."),
]


class FoundSerializer(TaskSerializer):
    """A task that was found."""

    rank = serializers.FloatField()
    title_html = serializers.CharField(help_text="The title as HTML; what was found is in mark elements.")
    snippet_html = serializers.CharField(help_text="From description and comments, as HTML; likewise.")


class FoundPageSerializer(serializers.Serializer[Any]):
    results = FoundSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    similar = serializers.BooleanField(help_text="No task holds the words; these have similar ones in their titles.")


class SuggestionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    status = ChoiceField(choices=STATUS_CHOICES)


class SuggestionsSerializer(serializers.Serializer[Any]):
    results = SuggestionSerializer(many=True)


class KeyCountSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(allow_null=True)
    count = serializers.IntegerField()


class TagCountSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    count = serializers.IntegerField()


class FacetsSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    is_whole = serializers.BooleanField(help_text="False: only the newest 500 tasks of the list are counted.")
    overdue = serializers.IntegerField()
    status = serializers.DictField(child=serializers.IntegerField())
    priority = serializers.DictField(child=serializers.IntegerField())
    project = KeyCountSerializer(many=True)
    team = KeyCountSerializer(many=True)
    assignee = KeyCountSerializer(many=True, allow_null=True, help_text="Null where a list is too long for it.")
    tag = TagCountSerializer(many=True, allow_null=True, help_text="Null where a list is too long for it.")


def _text_of(request: Request) -> str:
    text: str = request.query_params.get("q", "").strip()
    if not text or len(text) > LONGEST_QUERY or not is_storable(text):
        raise InvalidInputError(fields={"q": [_("This can't be searched for.")]})
    return text


class SearchView(TaskView):
    @extend_schema(parameters=[QUERY, *OTHER_FILTERS, *PAGING], responses=FoundPageSerializer, tags=["tasks"])
    def get(self, request: Request) -> Response:
        """Tasks that hold words, the best first, with what was found marked.

        Matches are ranked by five hundreds, the newest first; `next` leads on to older ones. Where no task holds the
        words, those whose titles hold similar ones are found.
        """
        text, actor = _text_of(request), actor_of(request)
        size, after = page_size_of(request), search.after_of(request.query_params.get("cursor", ""))
        organization = named_organization(request)
        standing = selectors.standing_of(actor, organization.pk)
        wanted = replace(filter_of(request.query_params, standing), search="")
        rows = wanted.apply(selectors.tasks_in(organization.pk, standing, assignees=wanted.assignees))
        page = search.find(rows, text=text, language=organization.language, size=size, after=after)
        following = None
        if page.following is not None:
            query = request.query_params.copy()
            query["cursor"] = search.cursor_of(page.following)
            following = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
        results = [
            {
                **row_of(found.task),
                "rank": found.rank,
                "title_html": found.title_html,
                "snippet_html": found.snippet_html,
            }
            for found in page.results
        ]
        return Response({"results": results, "next": following, "similar": page.is_meant})


class SuggestView(TaskView):
    @extend_schema(parameters=[QUERY, ORGANIZATION], responses=SuggestionsSerializer, tags=["tasks"])
    def get(self, request: Request) -> Response:
        """Up to ten tasks whose titles hold what is being typed, or whose number it is."""
        text, organization = _text_of(request), named_organization(request)
        found = search.suggest(selectors.tasks_for(actor_of(request), organization).filter(LISTED), text)
        rows = [{name: getattr(task, name) for name in ("id", "number", "title", "status")} for task in found]
        return Response({"results": rows})


class FacetsView(TaskView):
    @extend_schema(parameters=FILTERS, responses=FacetsSerializer, tags=["tasks"])
    def get(self, request: Request) -> Response:
        """How many tasks a filtered list holds, in all and of each kind; of very long lists, how many of the newest."""
        rows, tally = asked_tasks(request, actor_of(request), newest=facets.MOST_COUNTED_ONE_BY_ONE)
        found = facets.facets_of(rows, tally=tally)
        return Response(
            {
                "total": found.total,
                "is_whole": found.is_whole,
                "overdue": found.overdue,
                "status": found.status,
                "priority": found.priority,
                "project": _counts(found.project),
                "team": _counts(found.team),
                "assignee": _counts(found.assignee),
                "tag": _counts(found.tag),
            }
        )


def _counts(found: dict[Any, int] | None) -> list[dict[str, Any]] | None:
    return None if found is None else [{"id": key, "count": count} for key, count in found.items()]
