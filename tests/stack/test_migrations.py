"""`guildhall migrate --check` knows models without migrations, and asks no database."""

from django.db import models
from typer.testing import CliRunner

from guildhall.stack.cli import app


def test_check_is_content_with_the_code_as_it_is():
    assert CliRunner().invoke(app, ["migrate", "--check"]).exit_code == 0


def test_check_names_an_app_whose_model_changed(monkeypatch):
    from guildhall.core.organizations.models import Team

    monkeypatch.setattr(Team._meta, "verbose_name", "crew")
    field = Team._meta.get_field("name")
    assert isinstance(field, models.CharField)
    monkeypatch.setattr(field, "max_length", 7)
    result = CliRunner().invoke(app, ["migrate", "--check"])
    assert result.exit_code == 1
    assert "organizations" in result.output
