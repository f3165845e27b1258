"""The verifiers of one's own, with a CA and servers of this machine in the place of AWS and of a vendor."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from hookseal import Event
from hookseal.fastapi import answer_handshakes, verified
from verifiers.jwt_body import JwtVerifier
from verifiers.sns import SnsVerifier, fetch

HERE = Path(__file__).parent
TOPIC = "arn:aws:sns:us-east-1:123456789012:orders"
HOST = "sns.us-east-1.amazonaws.com"
CERTIFICATE = f"https://{HOST}/SimpleNotificationService-0123abcd.pem"
CONFIRM = f"https://{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abc"


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """A certificate authority of one's own."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        basic = x509.BasicConstraints(ca=True, path_length=None)
        self.certificate = self._build("CA", self.key.public_key(), basic)

    def certify(self, host: str, key: Any, *, days: int = 1) -> x509.Certificate:
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        return self._build(host, key.public_key(), names, days=days)

    def _build(
        self, subject: str, key: Any, extension: x509.ExtensionType, *, days: int = 1
    ) -> x509.Certificate:
        now = datetime.now(timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("CA"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=3))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(extension, critical=False)
        )
        return builder.sign(self.key, hashes.SHA256())


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def private(key: Any) -> bytes:
    done: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return done


class Server:
    """Serves pages, and keeps what was asked for."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, bytes] = {}
        self.asked: list[str] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                page = outer.pages.get(self.path)
                self.send_response(404 if page is None else 200)
                self.end_headers()
                self.wfile.write(page or b"")

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.address: tuple[str, int] = ("127.0.0.1", self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Aws:
    """What stands for AWS: its keys, and the host with its certificate."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority()
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        host = ec.generate_private_key(ec.SECP256R1())
        files = {
            "ca.pem": pem(self.authority.certificate),
            "host.pem": pem(self.authority.certify(HOST, host)),
            "host.key": private(host),
            "sns.pem": pem(self.authority.certify("sns.amazonaws.com", self.key)),
            "sns.key": private(self.key),
            "old.pem": pem(self.authority.certify("sns.amazonaws.com", self.key, days=-1)),
            "other.pem": pem(self.authority.certify("example.amazonaws.com", self.key)),
        }
        for file, content in files.items():
            (folder / file).write_bytes(content)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "host.pem", folder / "host.key")
        self.server = Server(context)
        self.server.pages = {CERTIFICATE.removeprefix(f"https://{HOST}"): files["sns.pem"]}
        self.server.pages[CONFIRM.removeprefix(f"https://{HOST}")] = b"<xml/>"

    def fetch(self, *, trusted: bool = True) -> Callable[[str], bytes]:
        context = ssl.create_default_context()
        if trusted:
            context.load_verify_locations(self.folder / "ca.pem")
        return lambda url: fetch(url, context=context, address=self.server.address)

    def message(self, *, key: Any = None, **more: Any) -> dict[str, Any]:
        at = datetime.now(timezone.utc)
        message = {
            "Type": "Notification",
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": TOPIC,
            "Subject": "Order",
            "Message": '{"order": "Zoë 🪝"}',
            "Timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z",
            "SignatureVersion": "2",
            "SigningCertURL": CERTIFICATE,
            **more,
        }
        message = {key: value for key, value in message.items() if value is not None}
        if message["Type"] == "Notification":
            names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
        else:
            names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
        signature = (key or self.key).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return {**message, "Signature": base64.b64encode(signature).decode()}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    made = Aws(tmp_path_factory.mktemp("aws"))
    yield made
    made.server.close()


def app(verifier: Any) -> tuple[TestClient, list[Event]]:
    """An application, and what it accepted."""
    application, events = FastAPI(), list[Event]()
    answer_handshakes(application)
    event = Depends(verified(verifier))

    @application.post("/hooks")
    async def receive(event: Event = event) -> None:
        events.append(event)

    return TestClient(application, raise_server_exceptions=False), events


def test_a_notification_of_sns(aws: Aws) -> None:
    client, events = app(SnsVerifier([TOPIC], fetch=aws.fetch()))
    aws.server.asked.clear()
    for message in (aws.message(), aws.message(Subject=None)):
        assert client.post("/hooks", json=message).status_code == 200
    # The certificate is fetched once.
    assert len(aws.server.asked) == 1
    assert events[0].data == '{"order": "Zoë 🪝"}'
    assert (events[0].type, events[1].type) == ("Order", "Notification")
    assert events[0].id == "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324"
    assert events[0].tenant == TOPIC


def test_a_subscription_to_sns(aws: Aws) -> None:
    client, events = app(SnsVerifier([TOPIC], fetch=aws.fetch()))
    kind = {"x-amz-sns-message-type": "SubscriptionConfirmation"}
    asked = {"Type": "SubscriptionConfirmation", "Subject": None, "Token": "abc", "SubscribeURL": CONFIRM}
    aws.server.asked.clear()
    assert client.post("/hooks", json=aws.message(**asked), headers=kind).status_code == 200
    assert CONFIRM.endswith(aws.server.asked[-1])
    aws.server.asked.clear()
    elsewhere = {**asked, "SubscribeURL": "https://169.254.169.254/?Action=ConfirmSubscription"}
    assert client.post("/hooks", json=aws.message(**elsewhere), headers=kind).status_code == 401
    forged = {**aws.message(**asked), "Token": "other"}
    assert client.post("/hooks", json=forged, headers=kind).status_code == 401
    # Whoever says in the header alone that it is none confirms nothing.
    assert client.post("/hooks", json=aws.message(**asked)).status_code == 401
    assert events == []
    assert not aws.server.asked


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Message": "{}"}, "signature_mismatch"),
        ({"Subject": "Orders"}, "signature_mismatch"),
        ({"Signature": ""}, "signature_mismatch"),
        ({"Signature": "!"}, "signature_mismatch"),
        ({"SignatureVersion": "1"}, "signature_mismatch"),
        ({"TopicArn": TOPIC + "x"}, "signature_mismatch"),
        ({"SigningCertURL": "http" + CERTIFICATE[5:]}, "signature_mismatch"),
        (
            {"SigningCertURL": CERTIFICATE.replace("sns.us", "sns.us.attacker.example/sns.us")},
            "signature_mismatch",
        ),
        ({"SigningCertURL": CERTIFICATE.replace("amazonaws.com", "amazonaws.com.attacker.example")}, None),
        ({"SigningCertURL": CERTIFICATE.replace(HOST, "bucket.s3.amazonaws.com")}, "signature_mismatch"),
        ({"SigningCertURL": CERTIFICATE + "\n"}, "signature_mismatch"),
        ({"SigningCertURL": CERTIFICATE.replace("0123", "9999")}, "signature_mismatch"),
        ({"Type": "Other"}, "invalid_payload"),
        ({"Message": 1}, "invalid_payload"),
    ],
)
def test_forgeries_of_sns(aws: Aws, change: dict[str, Any], code: str | None) -> None:
    client, events = app(SnsVerifier([TOPIC], fetch=aws.fetch()))
    answer = client.post("/hooks", json={**aws.message(), **change})
    assert answer.json() == {"detail": {"code": code or "signature_mismatch"}}
    assert events == []


def test_other_keys_and_times_of_sns(aws: Aws) -> None:
    verifier = SnsVerifier([TOPIC], fetch=aws.fetch())
    client, events = app(verifier)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def code(**message: Any) -> str:
        told: str = client.post("/hooks", json=aws.message(**message)).json()["detail"]["code"]
        return told

    assert code(key=other) == "signature_mismatch"
    assert code(Timestamp="2020-01-01T00:00:00.000Z") == "timestamp_too_old"
    assert code(Timestamp="2200-01-01T00:00:00.000Z") == "timestamp_too_new"
    assert code(Timestamp="now") == "malformed_timestamp"
    for file in ("old.pem", "other.pem", "ca.pem", "sns.key"):
        url = CERTIFICATE.replace("0123abcd", file.replace(".", ""))
        aws.server.pages[url.removeprefix(f"https://{HOST}")] = (aws.folder / file).read_bytes()
        assert code(SigningCertURL=url) == "signature_mismatch"
    assert client.post("/hooks", content=b"{").status_code == 400
    assert events == []


def test_a_host_that_is_not_aws(aws: Aws) -> None:
    client, events = app(SnsVerifier([TOPIC], fetch=aws.fetch(trusted=False)))
    # Nobody is refused for what the network does: AWS comes again.
    assert client.post("/hooks", json=aws.message()).status_code == 500
    assert events == []


class Vendor:
    """Who signs by a JWT, and shows its keys."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        self.server = Server()
        keys = {"keys": [{**public, "kid": "k1", "alg": "ES256", "use": "sig"}]}
        self.server.pages["/jwks.json"] = json.dumps(keys).encode()
        self.url = f"http://127.0.0.1:{self.server.address[1]}/jwks.json"

    def token(
        self, body: bytes, *, key: Any = None, algorithm: str = "ES256", kid: str = "k1", **claims: Any
    ) -> dict[str, str]:
        claims = {"iat": int(time.time()), "request_body_sha256": hashlib.sha256(body).hexdigest(), **claims}
        given = {name: value for name, value in claims.items() if value is not None}
        chosen: Any = None if algorithm == "none" else key or self.key
        made = jwt.encode(given, chosen, algorithm=algorithm, headers={"kid": kid})
        return {"Plaid-Verification": made}


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    made = Vendor()
    yield made
    made.server.close()


BODY = b'{\n  "webhook_type": "ITEM",\n  "webhook_code": "ERROR"\n}'


def test_a_jwt_over_the_body(vendor: Vendor) -> None:
    client, events = app(JwtVerifier(vendor.url))
    for _ in range(2):
        assert client.post("/hooks", content=BODY, headers=vendor.token(BODY)).status_code == 200
    assert (events[0].type, events[0].data["webhook_type"]) == ("ERROR", "ITEM")
    assert vendor.server.asked == ["/jwks.json"]


def test_forgeries_of_a_jwt(vendor: Vendor) -> None:
    client, events = app(JwtVerifier(vendor.url))
    public = vendor.key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    now = int(time.time())
    right = vendor.token(BODY)["Plaid-Verification"]
    for headers, code in [
        ({}, "missing_header"),
        ({"Plaid-Verification": "a.b.c"}, "signature_mismatch"),
        ({"Plaid-Verification": right[:-8]}, "signature_mismatch"),
        ({"Plaid-Verification": f"{right}, {right}"}, "signature_mismatch"),
        (vendor.token(BODY + b" "), "signature_mismatch"),
        (vendor.token(BODY, request_body_sha256=None), "signature_mismatch"),
        (vendor.token(BODY, iat=None), "signature_mismatch"),
        (vendor.token(BODY, key=ec.generate_private_key(ec.SECP256R1())), "signature_mismatch"),
        # The public key as the secret of an HMAC, and no algorithm at all.
        (vendor.token(BODY, key=base64.b64encode(public).decode(), algorithm="HS256"), "signature_mismatch"),
        (vendor.token(BODY, algorithm="none"), "signature_mismatch"),
        (vendor.token(BODY, kid="k2"), "signature_mismatch"),
        (vendor.token(BODY, iat=now - 400), "timestamp_too_old"),
        (vendor.token(BODY, iat=now + 400), "timestamp_too_new"),
    ]:
        answer = client.post("/hooks", content=BODY, headers=headers)
        assert answer.json() == {"detail": {"code": code}}, headers
    assert events == []
    # However many keys strangers name.
    assert vendor.server.asked == ["/jwks.json"]


def test_in_node(aws: Aws, vendor: Vendor) -> None:
    (aws.folder / "jwt.key").write_bytes(private(vendor.key))
    environment = {**os.environ, "CERTIFICATES": str(aws.folder), "JWKS_URL": vendor.url}
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", "verifiers/verifiers.test.mjs"],
        cwd=HERE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "# pass 4" in done.stdout
