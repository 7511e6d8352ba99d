"""What the full-text search looks into: one row a task, written by triggers and by nobody else."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.models import Organization
from guildhall.modules.tasks.models.tasks import Task


class SearchEntry(models.Model):
    """The words of a task, weighted: its title (A), tags (B), description (C) and comments (D).

    Beside the task and not in it, so that a change of its status rewrites no words.
    """

    task = models.OneToOneField(Task, primary_key=True, on_delete=models.CASCADE, related_name="search_entry")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+", db_index=False)
    config = models.CharField(max_length=16)
    title = models.CharField(max_length=200)
    title_words = SearchVectorField()
    document = SearchVectorField()

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        indexes = [
            models.Index(fields=["organization", "-task"], name="search_by_task"),
            models.Index(fields=["config", "organization"], name="search_by_config"),
            GinIndex(fields=["document"], name="search_document"),
            GinIndex(fields=["title_words"], name="search_title_words"),
            GinIndex(OpClass("title", name="gin_trgm_ops"), name="search_title_trigrams"),
        ]

    def __str__(self) -> str:
        return self.title
