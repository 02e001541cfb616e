import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from gateway.upstream.errors import NoToken
from gateway.upstream.tokens.certificate import ClientCertificate, SigningAlgorithm
from gateway.upstream.tokens.identity_platform import AppTokens
from gateway.upstream.transport.base import Transport
from tests.gateway.upstream.scripted_client import build_scope
from tests.gateway.upstream.tokens.conftest import Register
from tests.gateway.upstream.tokens.identity_platform_server import CLIENT_ID, IdentityPlatform
from tests.support.clock import FakeClock

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certify(key: Key) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    return builder.sign(key, hashes.SHA256())


def write(
    file: Path, key: Key | None, *certificates: x509.Certificate, passphrase: str = ""
) -> None:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    formats = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    parts = [each.public_bytes(serialization.Encoding.PEM) for each in certificates]
    if key is not None:
        parts.append(key.private_bytes(*formats, encryption))
    file.write_bytes(b"".join(parts))


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
async def test_each_request_has_an_assertion_that_the_platform_accepts(
    platform: IdentityPlatform,
    application: Register,
    transport: Transport,
    clock: FakeClock,
    tmp_path: Path,
    algorithm: SigningAlgorithm,
) -> None:
    key, file = new_key(), tmp_path / "credential.pem"
    platform.certificate = certify(key)
    write(file, key, certify(new_key()), platform.certificate)
    credential = ClientCertificate(file, algorithm, CLIENT_ID, clock)
    tokens = AppTokens(application(credential=credential), transport, clock)
    assert await tokens.get(build_scope()) == "access-1"
    assert await tokens.get(build_scope(), rejected="access-1") == "access-2"
    assert all("client_secret" not in form for form in platform.forms)


async def test_a_certificate_that_is_replaced_is_used_next(
    platform: IdentityPlatform,
    application: Register,
    transport: Transport,
    clock: FakeClock,
    tmp_path: Path,
) -> None:
    file = tmp_path / "credential.pem"
    credential = ClientCertificate(file, "PS256", CLIENT_ID, clock)
    tokens = AppTokens(application(credential=credential), transport, clock)
    for rejected in (None, "access-1"):
        key = new_key()
        platform.certificate = certify(key)
        write(file, key, platform.certificate)
        await tokens.get(build_scope(), rejected=rejected)
    assert len(platform.forms) == 2


async def test_a_certificate_that_is_not_registered_is_rejected(
    platform: IdentityPlatform,
    application: Register,
    transport: Transport,
    clock: FakeClock,
    tmp_path: Path,
) -> None:
    key, file = new_key(), tmp_path / "credential.pem"
    platform.certificate = certify(new_key())
    write(file, key, certify(key))
    credential = ClientCertificate(file, "PS256", CLIENT_ID, clock)
    with pytest.raises(NoToken, match="invalid_client"):
        await AppTokens(application(credential=credential), transport, clock).get(build_scope())


@pytest.mark.parametrize("case", ["nothing", "no key", "passphrase", "other key", "curve"])
async def test_a_file_that_cannot_be_used_is_explained(tmp_path: Path, case: str) -> None:
    file, key, curve = (
        tmp_path / "credential.pem",
        new_key(),
        ec.generate_private_key(ec.SECP256R1()),
    )
    expected = {
        "nothing": "cannot be read",
        "no key": "private key without a passphrase",
        "passphrase": "private key without a passphrase",
        "other key": "the certificate of its key",
        "curve": "an RSA key",
    }[case]
    if case == "no key":
        write(file, None, certify(key))
    elif case == "passphrase":
        write(file, key, certify(key), passphrase="open")
    elif case == "other key":
        write(file, key, certify(new_key()))
    elif case == "curve":
        write(file, curve, certify(curve))
    credential = ClientCertificate(file, "PS256", CLIENT_ID, FakeClock())
    with pytest.raises(NoToken, match=rf"partner\.certificate_file .*{expected}"):
        await credential.build_form("https://login.test/token")
