"""Tokens of an issuer, over real sockets: what opens the door, and what only looks like it."""

import base64
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from alive_core.access.caller import identity_of
from alive_core.access.issuer import Issuer
from alive_core.access.tokens import Tokens, reading_tokens, role_in
from alive_core.constants import OIDC_LEEWAY_S, OIDC_REFRESH_S, OIDC_RETRY_S
from alive_core.errors import IssuerUnavailable, Unauthorized
from alive_core.settings import Oidc
from support.issuer import AUDIENCE, DISCOVERY, KEYS, LocalIssuer, local_issuer, rsa_key
from support.moments import Moments


@pytest.fixture
def issuer() -> Iterator[LocalIssuer]:
    with local_issuer() as issuer:
        yield issuer


def oidc(issuer: LocalIssuer) -> Oidc:
    return Oidc(issuer.url, AUDIENCE, "roles", "alive-admin")


@asynccontextmanager
async def reading(issuer: LocalIssuer, moments: Moments, wall: Moments | None = None) -> AsyncIterator[Tokens]:
    """Reads tokens; `moments` tells how old keys are, and `wall`, where it is given, whether tokens have ended."""
    async with httpx.AsyncClient(timeout=5) as client:
        keys = Issuer(issuer.url, client, clock=moments)
        yield Tokens(oidc(issuer), keys, clock=wall or time.time)
        await keys.close()


@pytest.fixture
async def tokens(issuer: LocalIssuer, moments: Moments) -> AsyncIterator[Tokens]:
    async with reading(issuer, moments) as tokens:
        yield tokens


async def test_a_good_token_tells_who_asks(issuer: LocalIssuer, tokens: Tokens) -> None:
    caller = await tokens.caller(issuer.token())
    assert caller.identity == identity_of(f"{issuer.url} ada")
    assert caller.role == "user"
    assert caller.id is not None and caller.id.startswith("sub-") and "ada" not in caller.id
    assert (await tokens.caller(issuer.token(sub="bob"))).identity != caller.identity
    assert (await tokens.caller(issuer.token(jti="another"))).identity == caller.identity, "the next token of ada"


@pytest.mark.parametrize("roles", [["x", "alive-admin"], "x alive-admin"])
async def test_the_role_stands_in_the_token(issuer: LocalIssuer, tokens: Tokens, roles: object) -> None:
    assert (await tokens.caller(issuer.token(roles=roles))).role == "admin"


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"roles": ["alive-admin"]}, "user"),
        ({"realm_access": {"roles": ["alive-admin"]}}, "admin"),
        ({"realm_access.roles": ["alive-admin"]}, "admin"),
        ({"realm_access": "alive-admin"}, "user"),
        ({"realm_access": {"roles": "not-alive-admin"}}, "user"),
        ({"realm_access": {"roles": 7}}, "user"),
        ({}, "user"),
    ],
)
def test_a_role_may_lie_deep_in_the_claims(claims: dict[str, object], role: str) -> None:
    assert role_in(claims, "realm_access.roles", admin="alive-admin") == role


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"sub": 7},
        {"iss": None},
        {"iss": "https://somebody.example"},
        {"aud": "somebody else"},
        {"aud": None},
        {"aud": []},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
    ],
    ids=str,
)
async def test_a_claim_that_is_wrong_or_missing_opens_nothing(
    issuer: LocalIssuer, tokens: Tokens, claims: dict[str, object]
) -> None:
    with pytest.raises(Unauthorized):
        await tokens.caller(issuer.token(**claims))


async def test_one_of_several_audiences_is_enough(issuer: LocalIssuer, tokens: Tokens) -> None:
    await tokens.caller(issuer.token(aud=["somebody else", AUDIENCE]))


async def test_clocks_may_differ_a_little(issuer: LocalIssuer, tokens: Tokens) -> None:
    now = int(time.time())
    await tokens.caller(issuer.token(exp=now - int(OIDC_LEEWAY_S) + 5, nbf=now + int(OIDC_LEEWAY_S) - 5))
    with pytest.raises(Unauthorized, match="has expired"):
        await tokens.caller(issuer.token(exp=now - int(OIDC_LEEWAY_S) - 1))


def unsigned(token: str, algorithm: str) -> str:
    """The same claims, with `algorithm` in the header and no signature."""
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": "one"}).encode()).rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


async def test_a_signature_that_is_not_the_issuers_opens_nothing(issuer: LocalIssuer, tokens: Tokens) -> None:
    good = issuer.token()
    forged = [
        issuer.token("thief", headers={"kid": "one"}),
        good[:-8] + "AAAAAAAA",
        unsigned(good, "none"),
        unsigned(good, "None"),
        unsigned(good, "RS256"),
        good.rpartition(".")[0] + ".",
    ]
    for token in forged:
        with pytest.raises(Unauthorized):
            await tokens.caller(token)


@pytest.mark.parametrize("form", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
async def test_the_public_key_is_no_shared_secret(issuer: LocalIssuer, tokens: Tokens, form: PublicFormat) -> None:
    """The algorithm confusion of RFC 8725, 2.1: signed with HS256, and the public key as its secret."""
    secret = rsa_key("one").public_key().public_bytes(Encoding.PEM, form)
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    head, _, _ = unsigned(jwt.encode(claims, "x" * 32, "HS256"), "HS256").rpartition(".")
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(head.encode(), secret)
    forged = f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    with pytest.raises(Unauthorized):
        await tokens.caller(forged)


async def test_a_secret_that_the_issuer_publishes_is_not_used(issuer: LocalIssuer, tokens: Tokens) -> None:
    secret = base64.urlsafe_b64encode(b"x" * 32).rstrip(b"=").decode()
    issuer.keys["shared"] = {"kty": "oct", "k": secret, "kid": "shared", "alg": "HS256"}
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    with pytest.raises(Unauthorized):
        await tokens.caller(jwt.encode(claims, b"x" * 32, "HS256", headers={"kid": "shared"}))


@pytest.mark.parametrize(
    ("name", "algorithm", "own"), [("one", "RS512", {}), ("one", "PS256", {"alg": "PS256"}), ("ec", "ES256", {})]
)
async def test_other_algorithms_with_public_keys_count(
    issuer: LocalIssuer, tokens: Tokens, name: str, algorithm: str, own: dict[str, str]
) -> None:
    issuer.publish(name, **own)
    await tokens.caller(issuer.token(name, algorithm=algorithm))


async def test_a_key_is_used_for_its_own_algorithm_only(issuer: LocalIssuer, tokens: Tokens) -> None:
    issuer.publish("one", alg="RS256")
    await tokens.caller(issuer.token())
    with pytest.raises(Unauthorized):
        await tokens.caller(issuer.token(algorithm="RS512"))


async def test_a_key_for_encryption_checks_no_signature(issuer: LocalIssuer, tokens: Tokens) -> None:
    issuer.publish("one", use="enc")
    with pytest.raises(Unauthorized):
        await tokens.caller(issuer.token())


async def test_a_short_key_is_not_trusted(
    issuer: LocalIssuer, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = rsa_key("short", 1024)
    monkeypatch.setattr("support.issuer.rsa_key", lambda name: short)
    issuer.publish("short")
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = issuer.token("short")
    with pytest.raises(Unauthorized, match="not valid here"):
        await tokens.caller(token)


async def test_a_token_without_the_name_of_its_key_is_checked_with_the_only_one(
    issuer: LocalIssuer, tokens: Tokens, moments: Moments
) -> None:
    await tokens.caller(issuer.token(headers={}))
    issuer.publish("one", "two")
    moments.now += OIDC_REFRESH_S
    with pytest.raises(Unauthorized):
        await tokens.caller(issuer.token("two", headers={}))


async def test_a_rotated_key_is_found_by_reading_the_keys_once_more(
    issuer: LocalIssuer, tokens: Tokens, moments: Moments
) -> None:
    old = issuer.token()
    await tokens.caller(old)
    issuer.publish("two")
    moments.now += OIDC_RETRY_S
    await tokens.caller(issuer.token("two"))
    assert issuer.asked[KEYS] == 2
    with pytest.raises(Unauthorized):
        await tokens.caller(old)


async def test_unknown_keys_make_no_storm_of_questions(issuer: LocalIssuer, tokens: Tokens, moments: Moments) -> None:
    await tokens.caller(issuer.token())
    for number in range(20):
        moments.now += OIDC_RETRY_S / 10
        with pytest.raises(Unauthorized):
            await tokens.caller(issuer.token("thief", headers={"kid": f"unknown-{number}"}))
    assert issuer.asked[KEYS] == 3, "one at first, and one in each span of OIDC_RETRY_S"


async def test_old_keys_are_read_again_beside_the_requests(issuer: LocalIssuer, moments: Moments) -> None:
    async with httpx.AsyncClient(timeout=5) as client:
        keys = Issuer(issuer.url, client, clock=moments)
        tokens = Tokens(oidc(issuer), keys)
        token = issuer.token()
        await tokens.caller(token)
        issuer.publish("one", "two")
        moments.now += OIDC_REFRESH_S
        assert await keys.key("one", "RS256") is not None
        assert keys.edition == 1, "nobody waits"
        assert keys._reading is not None
        await keys._reading
        assert keys.edition == 2
        await tokens.caller(token)


async def test_known_keys_go_on_where_the_issuer_is_away(
    issuer: LocalIssuer, tokens: Tokens, moments: Moments
) -> None:
    await tokens.caller(issuer.token())
    issuer.is_down = True
    moments.now += 10 * OIDC_REFRESH_S
    await tokens.caller(issuer.token(jti="another"))


async def test_without_any_key_nobody_can_tell(issuer: LocalIssuer, tokens: Tokens, moments: Moments) -> None:
    issuer.is_down = True
    with pytest.raises(IssuerUnavailable) as caught:
        await tokens.caller(issuer.token())
    assert caught.value.retry_after == OIDC_RETRY_S
    issuer.is_down = False
    moments.now += OIDC_RETRY_S
    await tokens.caller(issuer.token())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("claims_to_be", "https://somebody.example"),
        ("keys_at", "http://somebody.example/keys"),
        ("keys_at", "nowhere"),
    ],
)
async def test_an_issuer_that_is_not_who_it_should_be_is_not_believed(
    issuer: LocalIssuer, tokens: Tokens, field: str, value: str
) -> None:
    setattr(issuer, field, value)
    with pytest.raises(IssuerUnavailable):
        await tokens.caller(issuer.token())
    assert issuer.asked == {DISCOVERY: 1}


async def test_a_list_of_keys_without_end_is_not_read(issuer: LocalIssuer, tokens: Tokens) -> None:
    issuer.publish("one", noise="x" * 2**21)
    with pytest.raises(IssuerUnavailable):
        await tokens.caller(issuer.token())


async def test_a_good_token_is_checked_once_and_ends_all_the_same(issuer: LocalIssuer, moments: Moments) -> None:
    wall = Moments(time.time())
    async with reading(issuer, moments, wall) as tokens:
        token = issuer.token()
        first = await tokens.caller(token)
        assert await tokens.caller(token) is first
        wall.now += 602 + OIDC_LEEWAY_S
        with pytest.raises(Unauthorized, match="has expired"):
            await tokens.caller(token)


async def test_the_keys_are_fetched_before_anyone_asks(issuer: LocalIssuer) -> None:
    async with reading_tokens(oidc(issuer)) as tokens:
        await tokens.caller(issuer.token())
        await tokens.caller(issuer.token(sub="bob"))
    assert issuer.asked == {DISCOVERY: 1, KEYS: 1}


@pytest.mark.parametrize("token", ["a.b.c", "..", "eyJhbGciOiJSUzI1NiJ9..", "é.é.é"])
async def test_what_only_looks_like_a_token_is_refused(tokens: Tokens, token: str) -> None:
    with pytest.raises(Unauthorized):
        await tokens.caller(token)
