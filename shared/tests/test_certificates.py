import ssl

from placet_shared.certificates import trusted_certificates


def test_certificates_are_read_once_and_a_server_must_show_one() -> None:
    trusted = trusted_certificates()
    assert trusted is trusted_certificates()
    assert (trusted.verify_mode, trusted.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert trusted.cert_store_stats()["x509_ca"] > 0
