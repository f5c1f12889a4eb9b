"""Certificates for a mock that stands under a provider's own name."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# What browsers and Go take at most of a server's certificate is 398 days.
VALID = dt.timedelta(days=397)
# Clocks of containers are not always right.
EARLIER = dt.timedelta(hours=1)
SUBJECT = "Understudy, for tests only"


class MadeCertificate(NamedTuple):
    """PEM files: the authority to be trusted, the server's certificate, and its private key."""

    authority: Path
    certificate: Path
    key: Path


def make_certificate(names: Sequence[str], folder: Path) -> MadeCertificate:
    """A certificate for `names` (hosts, `*.example.com`, addresses), by an authority made for it alone.

    The authority's key is thrown away: whoever trusts it trusts these names and nothing else, ever.
    Raises UnderstudyError for a name that is none, and when a file is there already or cannot be written.
    """
    subjects = [_name(one) for one in names]
    made = MadeCertificate(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    for path in made:
        if path.exists():
            raise UnderstudyError(
                "is there already", where=str(path), advice="remove it, or name another --out"
            )
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _authority(root_key)
    certificate = _signed(subjects, key, root, root_key)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = serialization.Encoding.PEM
    texts = (root.public_bytes(pem), certificate.public_bytes(pem), secret)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(made, texts, strict=True):
            # For its owner only, from the first byte on; and never through a link that somebody put there.
            mode = 0o600 if path == made.key else 0o644
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(text)
    except OSError as error:
        raise UnderstudyError(f"cannot be written: {error.strerror}", where=str(folder)) from error
    return made


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        pass
    try:
        ascii_name = text.encode("idna").decode() if not text.isascii() else text
        if not ascii_name or set(ascii_name) & set("/:@ \t\n"):
            raise ValueError(text)
        return x509.DNSName(ascii_name)
    except ValueError as error:
        raise UnderstudyError(
            f"{text!r} is not a host name", where="NAME", advice="the host of a URL: api.example.com"
        ) from error


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SUBJECT)])
    usage = _usage(signs_certificates=True)
    return (
        _begun(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def _signed(
    names: Sequence[x509.GeneralName],
    key: ec.EllipticCurvePrivateKey,
    root: x509.Certificate,
    root_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, SUBJECT)])
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    return (
        _begun(subject, root.subject, key)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(by, critical=False)
        .sign(root_key, hashes.SHA256())
    )


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now - EARLIER + VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
