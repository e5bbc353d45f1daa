"""An OpenID Connect issuer on this machine: real sockets, real signatures, and every way to go wrong."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"
AUDIENCE = "alive"


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One private key for each name: making one takes a while."""
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


class LocalIssuer:
    """Signs tokens and publishes `keys` at `url`. `is_down` answers 500, `claims_to_be` lies about its name."""

    def __init__(self, url: str) -> None:
        self.url = self.claims_to_be = url
        self.keys_at = f"{url}{KEYS}"
        self.keys: dict[str, object] = {}
        self.asked: Counter[str] = Counter()
        self.is_down = False
        self.has_answered = threading.Event()
        self.publish("one")

    def publish(self, *names: str, **more: Any) -> None:
        """Replace what is published by the public keys of these names; `more` goes into each."""
        self.keys = {name: public(name) | more for name in names}

    def token(self, name: str = "one", /, *, algorithm: str = "RS256", headers: Any = None, **claims: Any) -> str:
        """A good token, but for what is given. A claim of `None` is left out."""
        now = int(time.time())
        good = {"iss": self.url, "aud": AUDIENCE, "sub": "ada", "iat": now, "exp": now + 600}
        payload = {claim: value for claim, value in (good | claims).items() if value is not None}
        key = ec_key(name) if algorithm.startswith("ES") else rsa_key(name)
        return jwt.encode(payload, key, algorithm, headers={"kid": name} if headers is None else headers)

    def body(self, path: str) -> object:
        """What it says at `path`."""
        if path == DISCOVERY:
            return {"issuer": self.claims_to_be, "jwks_uri": self.keys_at}
        return {"keys": list(self.keys.values())}


def public(name: str) -> dict[str, Any]:
    """A public key as a JWK."""
    if name.startswith("ec"):
        found = json.loads(ECAlgorithm.to_jwk(ec_key(name).public_key()))
    else:
        found = json.loads(RSAAlgorithm.to_jwk(rsa_key(name).public_key()))
    return {**found, "kid": name, "use": "sig"}


@contextmanager
def local_issuer() -> Iterator[LocalIssuer]:
    """An issuer that runs while the block does."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked[self.path] += 1
            words = json.dumps(issuer.body(self.path)).encode()
            self.send_response(500 if issuer.is_down else 200)
            self.send_header("content-length", str(len(words)))
            self.end_headers()
            self.wfile.write(words)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        issuer = LocalIssuer(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
