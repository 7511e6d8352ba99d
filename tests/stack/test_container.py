"""What the one-shot containers prepare: the volumes' content, the refusal of weak secrets, the superuser."""

import json
import stat

import pytest
from cryptography.x509 import DNSName, SubjectAlternativeName, load_pem_x509_certificate
from dotenv import dotenv_values

from guildhall.core.accounts.models import User
from guildhall.stack import container
from guildhall.stack.errors import StackError


@pytest.fixture
def volumes(tmp_path, monkeypatch):
    for name, value in {"GUILDHALL_HOME": tmp_path / "home", "HTTP_PORT": "8080"}.items():
        monkeypatch.setenv(name, str(value))
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "NATS_URL", "PUBLIC_URL", "MQTT_HOST", "EMAIL_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(container, "BROKER_FOLDER", tmp_path / "broker")
    for name in ("database", "proxies", "jobs", "certificates"):
        monkeypatch.setattr(container, f"{name.upper()}_FOLDER", tmp_path / name)
        (tmp_path / name).mkdir()
    # Whoever starts the tests owns the files, as in a container.
    monkeypatch.setattr("guildhall.stack.account.os.geteuid", lambda: 10001)
    return tmp_path


def test_init_twice_keeps_every_secret(volumes):
    container.initialize()
    first = dotenv_values(volumes / "home" / "stack.env")
    certificate = (volumes / "broker" / "server.pem").read_bytes()
    container.initialize()
    assert dotenv_values(volumes / "home" / "stack.env") == first
    assert (volumes / "broker" / "server.pem").read_bytes() == certificate
    assert stat.S_IMODE((volumes / "home" / "stack.env").stat().st_mode) == 0o600


def test_init_names_what_the_other_containers_are_called(volumes):
    container.initialize()
    written = dotenv_values(volumes / "home" / "stack.env")
    password = (volumes / "database" / "password").read_text()
    assert written["DATABASE_URL"] == f"postgresql://guildhall:{password}@postgres:5432/guildhall"
    assert written["PUBLIC_URL"] == "http://localhost:8080"
    assert (written["EMAIL_HOST"], written["EMAIL_PORT"], written["EMAIL_SECURITY"]) == ("mail", "1025", "none")


def test_init_broker_takes_tls_only_and_is_watched_from_inside_only(volumes):
    container.initialize()
    broker = json.loads((volumes / "broker" / "nats.conf").read_text())
    assert (broker["mqtt"]["host"], broker["mqtt"]["port"]) == ("0.0.0.0", 8883)
    assert "tls" in broker["mqtt"]
    assert "allow_non_tls" not in broker
    assert broker["http"] == "127.0.0.1:8222"


def test_init_mail_server_given_leaves_mail_alone(volumes, monkeypatch):
    monkeypatch.setenv("EMAIL_HOST", "smtp.example.org")
    container.initialize()
    assert "EMAIL_PORT" not in dotenv_values(volumes / "home" / "stack.env")


@pytest.mark.parametrize("name", container.LENGTHS)
def test_init_weak_secret_in_production_is_named(volumes, monkeypatch, name):
    monkeypatch.setenv("GUILDHALL_MODE", "production")
    monkeypatch.setenv(name, "short")
    with pytest.raises(StackError, match=name):
        container.initialize()


@pytest.fixture
def secrets(volumes, monkeypatch):
    folder = volumes / "secrets"
    folder.mkdir()
    for name in container.DEMANDED:
        (folder / name).write_text(f"a-long-secret-for-{name}-with-a-line-break\n")
    monkeypatch.setenv("SECRETS_FOLDER", str(folder))
    monkeypatch.setenv("GUILDHALL_MODE", "production")
    return folder


def test_init_secrets_come_from_files_and_less_than_from_the_environment(volumes, secrets, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "of the environment, which is stronger than files")
    container.initialize()
    written = dotenv_values(volumes / "home" / "stack.env")
    assert written["SECRET_KEY"] == "of the environment, which is stronger than files"
    assert (volumes / "database" / "password").read_text() == (secrets / "POSTGRES_PASSWORD").read_text().strip()


def test_init_production_secret_that_has_no_file_is_named(volumes, secrets):
    (secrets / "SECRET_KEY").unlink()
    with pytest.raises(StackError, match="SECRET_KEY"):
        container.initialize()


def test_init_production_weak_secret_of_a_file_is_named(volumes, secrets):
    (secrets / "SECRET_KEY").write_text("short\n")
    with pytest.raises(StackError, match="SECRET_KEY"):
        container.initialize()


def test_init_rabbitmq_and_those_who_use_it_have_one_password(volumes, monkeypatch):
    monkeypatch.setenv("RABBITMQ_PASSWORD", "with/and@in+it")
    container.initialize()
    written = dotenv_values(volumes / "home" / "stack.env")
    assert written["CELERY_BROKER_URL"] == "amqp://guildhall:with%2Fand%40in%2Bit@rabbitmq:5672//"
    assert "default_pass = with/and@in+it\n" in (volumes / "jobs" / "20-guildhall.conf").read_text()


@pytest.mark.parametrize("password", ["one with spaces", "mark#within-it", "quote'within-it"])
def test_init_password_that_rabbitmq_would_read_otherwise_is_refused(volumes, monkeypatch, password):
    monkeypatch.setenv("RABBITMQ_PASSWORD", password)
    with pytest.raises(StackError, match="RABBITMQ_PASSWORD"):
        container.initialize()


def test_init_own_certificate_is_the_broker_s_and_the_site_s(volumes):
    for name in ("fullchain.pem", "privkey.pem"):
        (volumes / "certificates" / name).write_text(f"own {name}")
    container.initialize()
    assert (volumes / "broker" / "server.pem").read_text() == "own fullchain.pem"
    assert (volumes / "proxies" / "certificate.pem").read_text() == "own fullchain.pem"
    assert (volumes / "proxies" / "certificate.key").read_text() == "own privkey.pem"


def test_init_without_a_certificate_takes_one_of_the_house(volumes, monkeypatch):
    monkeypatch.setenv("PUBLIC_URL", "https://hall.example.org")
    (volumes / "certificates" / "fullchain.pem").write_text("without its key")
    container.initialize()
    made = load_pem_x509_certificate((volumes / "proxies" / "certificate.pem").read_bytes())
    names = made.extensions.get_extension_for_class(SubjectAlternativeName).value.get_values_for_type(DNSName)
    assert "hall.example.org" in names


def test_init_nobody_in_front_is_believed_unless_named(volumes):
    container.initialize()
    assert "set_real_ip_from" not in (volumes / "proxies" / "proxies.conf").read_text()


def test_init_proxies_in_front_are_believed(volumes, monkeypatch):
    monkeypatch.setenv("OUTER_PROXIES", "10.0.0.0/8, 192.0.2.7")
    container.initialize()
    written = (volumes / "proxies" / "proxies.conf").read_text()
    assert "set_real_ip_from 10.0.0.0/8;" in written
    assert "set_real_ip_from 192.0.2.7/32;" in written


def test_init_proxies_that_are_no_networks_are_refused(volumes, monkeypatch):
    monkeypatch.setenv("OUTER_PROXIES", "10.0.0.1/8")
    with pytest.raises(StackError, match="OUTER_PROXIES"):
        container.initialize()


@pytest.mark.django_db
def test_superuser_second_time_keeps_the_password():
    container.make_superuser("root@guildhall.example", "first-password-of-root")
    container.make_superuser("Root@guildhall.example", "another-password-of-root")
    user = User.objects.get(email="root@guildhall.example")
    assert user.is_superuser
    assert user.check_password("first-password-of-root")


@pytest.mark.django_db
def test_superuser_without_password_is_refused():
    with pytest.raises(StackError, match="SUPERUSER_PASSWORD"):
        container.make_superuser("root@guildhall.example", "")
