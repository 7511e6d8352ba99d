"""The house's own authority and the server's certificate: made once, renewed in time, trusted by name."""

import datetime as dt

from cryptography import x509

from guildhall.stack.certificates import SERVER_LIFETIME, days_left, ensure_certificates, local_names


def read(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_certificates_made_twice_stay_the_same(tmp_path):
    first = ensure_certificates(tmp_path, local_names())
    content = first.server.read_bytes(), first.authority.read_bytes()
    second = ensure_certificates(tmp_path, local_names())
    assert (second.server.read_bytes(), second.authority.read_bytes()) == content
    assert first.server_key.stat().st_mode & 0o777 == 0o600
    assert first.authority_key.stat().st_mode & 0o777 == 0o600


def test_server_certificate_covers_local_names_and_is_signed_by_authority(tmp_path):
    files = ensure_certificates(tmp_path, local_names(("hall.example", "192.0.2.7")))
    certificate = read(files.server)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"localhost", "hall.example"} <= set(names.get_values_for_type(x509.DNSName))
    assert {"127.0.0.1", "::1", "192.0.2.7"} <= {str(each) for each in names.get_values_for_type(x509.IPAddress)}
    certificate.verify_directly_issued_by(read(files.authority))


def test_server_certificate_running_out_is_renewed_and_authority_kept(tmp_path):
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)  # A certificate knows whole seconds.
    files = ensure_certificates(tmp_path, local_names(), now=now - SERVER_LIFETIME + dt.timedelta(days=20))
    authority, server = files.authority.read_bytes(), files.server.read_bytes()
    assert days_left(files.server, now=now) == 20
    ensure_certificates(tmp_path, local_names(), now=now)
    assert files.authority.read_bytes() == authority
    assert files.server.read_bytes() != server
    assert days_left(files.server, now=now) == SERVER_LIFETIME.days


def test_server_certificate_without_a_wanted_name_is_made_anew(tmp_path):
    files = ensure_certificates(tmp_path, local_names())
    before = files.server.read_bytes()
    ensure_certificates(tmp_path, local_names(("other.example",)))
    assert files.server.read_bytes() != before


def test_authority_running_out_is_made_anew_with_its_server_certificate(tmp_path):
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(days=3640)
    files = ensure_certificates(tmp_path, local_names(), now=long_ago)
    ensure_certificates(tmp_path, local_names())
    assert days_left(files.authority) > 3600
    read(files.server).verify_directly_issued_by(read(files.authority))
