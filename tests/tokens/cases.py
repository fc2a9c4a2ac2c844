"""Tokens and the list of their cases: see make_tokens.py."""
import json

from jwcrypto import jws

from signing import PUBLISHED, RSA_1, as_bytes, b64, compact, sign, unb64

NOW = 1_893_456_000  # 2030-01-01T00:00:00Z, the clock of the test
ISSUER = "https://id.example/shop"
AUDIENCE = "orderly"
ABSENT = object()

# What differs between issuers; the first one's are meant where a case names none.
SETTINGS = {
    "plain": {"audience_claim": "aud", "roles_claim": "roles"},
    "no roles": {"audience_claim": "aud", "roles_claim": ""},
    "access tokens": {"audience_claim": "client_id", "roles_claim": "cognito:groups"},
    "pointer": {"audience_claim": "aud", "roles_claim": "/realm_access/roles"},
    "url": {"audience_claim": "aud", "roles_claim": "https://shop.example/roles"},
}
# Whom a good token speaks for where its case says nothing else.
IDENTITY = {"subject": "user-1", "expires_at_ms": (NOW + 3600) * 1000, "email": None, "roles": []}


def header(key=RSA_1, **changed):
    made = {"alg": "RS256" if key["kty"] == "RSA" else "ES256", "kid": key["kid"]} | changed
    return {name: value for name, value in made.items() if value is not ABSENT}


def claims(**changed):
    made = {"iss": ISSUER, "aud": AUDIENCE, "sub": "user-1", "exp": NOW + 3600} | changed
    return {name: value for name, value in made.items() if value is not ABSENT}


def claims_text(exp):
    """With a spelling of exp that Python would not write."""
    return compact(claims(exp="EXP")).replace('"EXP"', exp)


def token(key=RSA_1, head=None, payload=None, signature=None):
    """Signed by the key whatever the header says; `signature` makes other bytes of the text to sign."""
    parts = [header(key) if head is None else head, claims() if payload is None else payload]
    text = ".".join(b64(as_bytes(part)) for part in parts)
    return text + "." + b64((signature or (lambda data: sign(key, data)))(text.encode()))


def by_jwcrypto(key, head, payload):
    made = jws.JWS(as_bytes(payload))
    made.add_signature(key, None, compact(head))
    return made.serialize(compact=True)


CASES = []


def good(name, text, settings="plain", **identity):
    """`identity`: what differs from IDENTITY."""
    add(name, text, settings, {"identity": identity})
    kid = json.loads(unb64(text.split(".")[0]))["kid"]
    key = next(key for key in PUBLISHED if key["kid"] == kid)
    checked = jws.JWS()
    checked.deserialize(text)
    checked.verify(key)  # throws: a good token must be good for jwcrypto too


def bad(name, because, text, settings="plain"):
    add(name, text, settings, {"because": because})


def add(name, text, settings, verdict):
    named = {} if settings == "plain" else {"settings": settings}
    CASES.append({"name": name} | named | {"token": text} | verdict)


def starting_with_zero(key, at):
    for i in range(20_000):
        made = token(key, payload=claims(jti=str(i)))
        if unb64(made.split(".")[2])[at] == 0:
            return made
    raise RuntimeError("no such signature")
