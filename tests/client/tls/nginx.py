"""The console as the world reaches it: the nginx of deploy/nginx with TLS, by a certificate of an
authority of this test alone, at a name that is no loopback."""

import datetime as dt
import select
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.checks.source import ROOT
from tests.gateways.gateway import KINDS, NGINX_CONF, started
from tests.support.postgres import free_port

HOST = "console.example.com"
CONFIGURATION = ROOT / "deploy" / "nginx" / "console.conf"


@dataclass(frozen=True)
class Front:
    """The ports of the nginx; what a client needs to find it by its name, and to trust it."""

    tls: int
    plain: int
    authority: Path
    tunnel: str

    @property
    def environment(self) -> dict[str, str]:
        return {"SSL_CERT_FILE": str(self.authority), "HTTPS_PROXY": self.tunnel}


@contextmanager
def fronting(console: int, directory: Path) -> Iterator[Front]:
    """An nginx with the very file of deploy/nginx, other ports and paths apart."""
    place = directory / "nginx"
    place.mkdir()
    certify(HOST, place, directory / "authority.pem")
    tls, plain = free_port(), free_port()
    text = CONFIGURATION.read_text()
    for there, here in {
        "/etc/ssl/console": str(place),
        "/var/log/nginx": str(directory),
        "127.0.0.1:8000": f"127.0.0.1:{console}",
        "listen 443 ssl": f"listen 127.0.0.1:{tls} ssl",
        "listen 80": f"listen 127.0.0.1:{plain}",
    }.items():
        assert there in text
        text = text.replace(there, here)
    (place / "gateway.conf").write_text(text)
    (place / "main.conf").write_text(NGINX_CONF.format(place))
    with started(KINDS["nginx"], place, tls), tunnel_to(tls) as tunnel:
        yield Front(tls, plain, directory / "authority.pem", tunnel)


def certify(host: str, place: Path, authority: Path) -> None:
    """A new authority, and a key and certificate for that host from it."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name, name = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("Throw-away", host)
    )
    known = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    root = (
        dated(root_name, root_name, root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(known, critical=False)
        .sign(root_key, hashes.SHA256())
    )
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known)
    leaf = (
        dated(name, root_name, key)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(issued_by, critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    authority.write_bytes(root.public_bytes(pem))
    (place / "fullchain.pem").write_bytes(leaf.public_bytes(pem))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (place / "privkey.pem").write_bytes(key.private_bytes(pem, *plain))


def dated(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
    )


class Tunnel(socketserver.StreamRequestHandler):
    """CONNECT to whatever name leads to the one port: what a resolver would do for a real name."""

    port = 0

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.port)) as other:
            ways = {self.connection: other, other: self.connection}
            while True:
                for one in select.select(list(ways), [], [])[0]:
                    if not (read := one.recv(65_536)):
                        return
                    ways[one].sendall(read)


@contextmanager
def tunnel_to(port: int) -> Iterator[str]:
    """The address of a proxy."""
    handler: Any = type("Tunnel", (Tunnel,), {"port": port})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as listening:
        listening.daemon_threads = True
        threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_address[1]}"
        listening.shutdown()
