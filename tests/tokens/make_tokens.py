#!/usr/bin/env python3
"""Makes tokens.json and key_sets.json in src/engines/jwt/testdata, for jwt_test: cases, each with the verdict that it
must get.

Keys and good tokens are made by a library that shares no code with ours, jwcrypto 1.6.1 (and cryptography 50.0.2 below
it); bad ones are signed by cryptography where their fault is not the signature, so that nothing else is wrong with
them. Private keys are made for one run and thrown away: a new run makes all tokens anew. To run it:

    python3 -m venv <folder outside the repository>
    <folder>/bin/pip install jwcrypto==1.6.1 cryptography==50.0.2
    <folder>/bin/python tests/tokens/make_tokens.py

A case of a token: its name; the issuer's settings, by name; the token; "identity" when it is good; "because" when it is
not, a part of the reason that our log must give, so that no case is refused for another fault than its own. A case of a
key set: its name, the text, and which algorithm each usable kid has, or null where the whole set is refused.

Sources of what attackers do: RFC 8725 (JSON Web Token Best Current Practices), RFC 8017 section 8.2.2 (PKCS #1).
"""
import base64
import json
import pathlib

import bad_signatures
import key_sets
from cases import (ABSENT, AUDIENCE, CASES, IDENTITY, ISSUER, NOW, SETTINGS, bad, by_jwcrypto, claims, claims_text,
                   good, header, starting_with_zero, token)
from signing import (EC_1, EC_2, EC_384, EC_K1, EC_STRANGER, ED, KEY_SET, P256_ORDER, RSA_1, RSA_2, RSA_STRANGER,
                     as_bytes, b64, compact, sign, sign_ec, sign_ec_numbers, sign_rsa)

OUT = pathlib.Path(__file__).resolve().parents[2] / "src/engines/jwt/testdata"
NOTE = ("Test keys and tokens only, made by tests/tokens/make_tokens.py. The private keys are gone, and the secret oct-1 "
        "protects nothing.")


def other_s(key, data):
    r, s = sign_ec_numbers(key, data)
    return r.to_bytes(32, "big") + (P256_ORDER - s).to_bytes(32, "big")


def good_tokens():
    for key in (RSA_1, RSA_2, EC_1, EC_2):
        good(f"{header(key)['alg']} with {key['kid']}", by_jwcrypto(key, header(key), claims()))
    for typ in ("JWT", "jwt", "at+jwt", "AT+JWT"):
        good(f"typ {typ}", by_jwcrypto(EC_1, header(EC_1, typ=typ), claims()))
    good("unknown header members", by_jwcrypto(EC_1, header(EC_1, x5t="dGh1bWI", nonce="1", deep={"a": [1]}), claims()))
    good("unknown claims", by_jwcrypto(EC_1, header(EC_1), claims(jti="1", amr=["pwd"], extra={"a": [{"b": None}]})))
    good("white space in the JSON", token(EC_1, '\r\n{ "alg" : "ES256",\t"kid":"ec-1" } ',
                                          json.dumps(claims(), indent=2) + "\n"))
    good("escapes in the JSON", token(EC_1, '{"\\u0061lg":"ES256","kid":"ec\\u002d1"}'))
    good("leading zero byte in the signature of RS256", starting_with_zero(RSA_1, 0))
    good("leading zero byte in r", starting_with_zero(EC_1, 0))
    good("leading zero byte in s", starting_with_zero(EC_1, 32))
    good("s replaced by the order less s, which ECDSA allows", token(EC_1, signature=lambda data: other_s(EC_1, data)))
    good("8192 bytes", padded(8192))
    good("sub of 255 bytes", token(EC_1, payload=claims(sub="s" * 255)), subject="s" * 255)
    good("sub beyond ASCII", token(EC_1, payload=claims(sub="Łukasz ☂")), subject="Łukasz ☂")


def padded(length):
    for spaces in range(4):
        head = compact(header(EC_1)) + " " * spaces
        for pad in range(5900, 6200):
            made = token(EC_1, head, claims(pad="p" * pad), signature=lambda _: bytes(64))
            if len(made) == length:
                return token(EC_1, head, claims(pad="p" * pad))
    raise RuntimeError("no such length")


def bad_algorithms():
    because = "neither RS256 nor ES256"
    for alg in ("none", "None", "NONE", "nOnE", "", "rs256", "RS256 ", " RS256", "RS256\x00", "es256", "RSA", "RS1"):
        bad(f"alg {alg!r} with a good signature", because, token(EC_1, header(EC_1, alg=alg)))
        if alg.lower() in ("none", ""):
            bad(f"alg {alg!r} without a signature", because, token(head=header(alg=alg), signature=lambda _: b""))
    for label, alg in (("absent", ABSENT), ("null", None), ("a number", 256), ("an array", ["RS256"]), ("true", True),
                       ("an object", {"RS256": 1})):
        bad(f"alg is {label}", because, token(EC_1, header(EC_1, alg=alg)))
    bad("alg none without kid", because, token(head={"alg": "none"}, signature=lambda _: b""))
    for alg, made in (
            ("RS384", lambda data: sign_rsa(RSA_1, data, "384")), ("RS512", lambda data: sign_rsa(RSA_1, data, "512")),
            ("PS256", lambda data: sign_rsa(RSA_1, data, pss=True)),
            ("PS384", lambda data: sign_rsa(RSA_1, data, "384", pss=True))):
        bad(f"{alg}, properly signed", because, token(head=header(alg=alg), signature=made))
    bad("ES384, properly signed", because, by_jwcrypto(EC_384, header(EC_384, alg="ES384"), claims()))
    bad("ES384 with a P-256 key", because,
        token(EC_1, header(EC_1, alg="ES384"), signature=lambda data: sign_ec(EC_1, data, "384")))
    bad("EdDSA, properly signed", because, by_jwcrypto(ED, header(ED, alg="EdDSA"), claims()))
    bad("ES256K, properly signed", because,
        token(EC_K1, header(EC_K1, alg="ES256K"), signature=lambda data: sign_ec(EC_K1, data)))


def signed_text(key, head, payload):
    """The parts as they are given, with a signature of just that text."""
    text = head + "." + payload
    return text + "." + b64(sign(key, text.encode()))


def with_stray_bits(text):
    """Its last part decodes to the same bytes where the left-over bits are not looked at."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert len(text.split(".")[-1]) % 4 in (2, 3)
    return text[:-1] + alphabet[alphabet.index(text[-1]) + 1]


def of_length(text, rest):
    """Base64url of the JSON, with as many spaces as give that many left-over characters."""
    while len(b64(text.encode())) % 4 != rest:
        text += " "
    return b64(text.encode())


def bad_forms():
    three, encoding = "three parts", "not base64url"
    head, payload = b64(as_bytes(header(EC_1))), b64(as_bytes(claims()))
    text = signed_text(EC_1, head, payload)
    signature = text.split(".")[2]
    for name, made in (
            ("padding after the signature", text + "=="), ("a space before", " " + text), ("a space after", text + " "),
            ("a line end after", text + "\n"), ("a carriage return after", text + "\r\n"), ("NUL after", text + "\0"),
            ("quotation marks around", f'"{text}"'), ("Bearer before", "Bearer " + text),
            ("a space before the signature", f"{head}.{payload}. {signature}"),
            ("a line end in the signature", f"{head}.{payload}.{signature[:20]}\n{signature[20:]}"),
            ("stray bits after the signature", f"{head}.{payload}.{with_stray_bits(signature)}"),
            ("three characters too many", text + "AAA"),
            ("a letter beyond ASCII in the signature", f"{head}.{payload}.{signature[:-1]}é"),
            ("a percent escape", text.replace(".", "%2E", 1) + "."),
            ("the other alphabet", f"{head}.{payload}.{in_other_alphabet(head, payload)}")):
        bad(name, encoding, made)
    for name, made in (
            ("two parts", f"{head}.{payload}"), ("one part", head), ("no text at all", ""), ("a dot after", text + "."),
            ("a dot before", "." + text), ("four parts", text + "." + signature),
            ("five parts, as encrypted tokens have", f"{head}.{payload}.{payload}.{payload}.{signature}"),
            ("two dots between", f"{head}..{payload}.{signature}")):
        bad(name, three, made)
    rs256 = token(RSA_1)
    bad("RS256: padding after the signature", encoding, rs256 + "==")
    bad("RS256: stray bits after the signature", encoding, with_stray_bits(rs256))
    for rest in (2, 3):
        ragged = of_length(compact(header(EC_1)), rest)
        bad(f"stray bits after the header, {rest} characters over", encoding,
            signed_text(EC_1, with_stray_bits(ragged), payload))
        ragged = of_length(compact(claims()), rest)
        bad(f"stray bits after the payload, {rest} characters over", encoding,
            signed_text(EC_1, head, with_stray_bits(ragged)))
        bad(f"padding after the payload, {rest} characters over", encoding,
            signed_text(EC_1, head, ragged + "=" * (4 - rest)))
    bad("a line end in the payload", encoding, signed_text(EC_1, head, payload[:8] + "\n" + payload[8:]))
    bad("a space in the header", encoding, signed_text(EC_1, head[:8] + " " + head[8:], payload))
    bad("empty header", "its header is no", signed_text(EC_1, "", payload))
    bad("empty payload", "its payload is no", signed_text(EC_1, head, ""))
    bad("all parts empty", "its header is no", "..")
    bad("8193 bytes", "too long", padded(8193))
    bad("kid of 10 KB", "too long", token(EC_1, header(EC_1, kid="k" * 10_240)))
    as_json = {"payload": payload, "signatures": [{"protected": head, "signature": token(EC_1).split(".")[2]}]}
    bad("JSON serialization", three, compact(as_json))
    bad("flattened JSON serialization", three, compact({"payload": payload} | as_json["signatures"][0]))


def in_other_alphabet(head, payload):
    """A signature with "+" or "/" in it."""
    while not set("+/") & set(standard := base64.b64encode(sign_ec(EC_1, f"{head}.{payload}".encode())).decode()):
        pass
    return standard.rstrip("=")


def bad_json():
    head_is, payload_is = "its header is no", "its payload is no"
    for name, text in (("an array", "[]"), ("a string", '"text"'), ("a number", "1"), ("null", "null"),
                       ("true", "true"),
                       ("nothing but a space", " "), ("not JSON", "alg=ES256"), ("cut off", "{"),
                       ("two objects", compact(claims()) * 2), ("a byte after it", compact(claims()) + "x"),
                       ("NUL after it", compact(claims()) + "\0"),
                       ("a byte order mark before it", "\ufeff" + compact(claims())),
                       ("a comment", compact(claims())[:-1] + "/**/}"),
                       ("a comma after the last member", compact(claims())[:-1] + ",}"),
                       ("single quotes", compact(claims()).replace('"', "'")), ("a line end in a string", '{"a":"\n"}'),
                       ("an array around it", "[" + compact(claims()) + "]"),
                       ("a lone surrogate", compact(claims())[:-1] + ',"a":"\\ud800"}'),
                       ("a lone second surrogate", compact(claims())[:-1] + ',"a":"\\udc00"}'),
                       ("UTF-16", compact(claims()).encode("utf-16-le"))):
        bad(f"payload: {name}", payload_is, token(EC_1, payload=text))
    for name, raw in (("a byte that is none", b"\xff"), ("an overlong form", b"\xc0\x80"),
                      ("a surrogate", b"\xed\xa0\x80"),
                      ("above U+10FFFF", b"\xf4\x90\x80\x80"), ("cut off", b"\xe2\x82")):
        payload = as_bytes(claims(x="RAW")).replace(b"RAW", raw)
        bad(f"payload: invalid UTF-8, {name}", payload_is, token(EC_1, payload=payload))
        head = as_bytes(header(EC_1, x="RAW")).replace(b"RAW", raw)
        bad(f"header: invalid UTF-8, {name}", head_is, token(EC_1, head))
    for depth in (33, 500):
        bomb = "[" * depth + "]" * depth
        bad(f"payload: {depth} levels of arrays", payload_is,
            token(EC_1, payload=compact(claims())[:-1] + f',"a":{bomb}}}'))
        bad(f"header: {depth} levels of arrays", head_is, token(EC_1, compact(header(EC_1))[:-1] + f',"a":{bomb}}}'))
    bad("payload: 300 objects deep, never closed", payload_is, token(EC_1, payload='{"a":' * 300))
    for name, extra in (("the same", '"alg":"ES256"'), ("another alg", '"alg":"none"'),
                        ("another kid", '"kid":"rsa-1"'),
                        ("an escaped alg", '"\\u0061lg":"none"'), ("an unknown member", '"x":1,"x":1'),
                        ("within another", '"x":{"y":1,"y":2}')):
        bad(f"header names a member twice: {name}", head_is, token(EC_1, compact(header(EC_1))[:-1] + f",{extra}}}"))
        bad(f"header names a member twice, before: {name}", head_is,
            token(EC_1, "{" + extra + "," + compact(header(EC_1))[1:]))
    for name, extra in (("the same exp", f'"exp":{NOW + 3600}'), ("another sub", '"sub":"user-2"'),
                        ("another iss", '"iss":"x"'),
                        ("an escaped sub", '"s\\u0075b":"user-2"'), ("within another", '"x":[{"y":1,"y":2}]')):
        bad(f"payload names a claim twice: {name}", payload_is,
            token(EC_1, payload=compact(claims())[:-1] + f",{extra}}}"))


def bad_headers():
    def member(name, because, key=EC_1, **changed):
        bad(name, because, token(key, header(key, **changed)))

    for name, value in (("unknown", ["exp-of-mine"]), ("empty", []), ("of a known name", ["exp"]), ("null", None),
                        ("a string", "exp"), ("b64", ["b64"])):
        member(f"crit: {name}", "member crit", crit=value)
    member("b64 false, critical", "member crit", crit=["b64"], b64=False)
    member("b64 false", "member b64", b64=False)
    member("b64 true", "member b64", b64=True)
    member("zip", "member zip", zip="DEF")
    for key, stranger in ((RSA_1, RSA_STRANGER), (EC_1, EC_STRANGER)):
        public = stranger.export_public(as_dict=True)
        alg = header(key)["alg"]
        bad(f"{alg}: jwk and a good signature by it", "member jwk", token(stranger, header(key, jwk=public)))
        bad(f"{alg}: jwk that claims the kid", "member jwk",
            token(stranger, header(key, jwk=public | {"kid": key["kid"]})))
        bad(f"{alg}: jwk without kid", "member jwk", token(stranger, header(key, jwk=public, kid=ABSENT)))
        bad(f"{alg}: jwk of the key itself", "member jwk", token(key, header(key, jwk=key.export_public(as_dict=True))))
        bad(f"{alg}: jku", "member jku", token(stranger, header(key, jku="https://attacker.example/keys")))
        bad(f"{alg}: x5u", "member x5u", token(stranger, header(key, x5u="https://attacker.example/chain")))
        bad(f"{alg}: x5c", "member x5c", token(stranger, header(key, x5c=["MIIB"])))
    member("jku null", "member jku", jku=None)
    member("kid missing", "names no key", kid=ABSENT)
    for name, kid in (("empty", ""), ("null", None), ("a number", 1), ("an array", ["ec-1"]),
                      ("an object", {"kid": "ec-1"}),
                      ("of 256 bytes", "k" * 256)):
        member(f"kid {name}", "names no key", kid=kid)
    for kid in ("unknown", "../../dev/null", "/dev/null", "' OR 1=1 --", "ec-1\0", "ec-1 ", "EC-1", "ec", "ec-10", "*",
                "$(id)",
                "https://attacker.example/key", "k" * 255):
        member(f"kid {kid[:40]!r}", "no such key", kid=kid)
    for name, typ in (("JOSE", "JOSE"), ("empty", ""), ("null", None), ("a number", 1), ("an array", ["JWT"]),
                      ("logout+jwt", "logout+jwt"),
                      ("dpop+jwt", "dpop+jwt"), ("JWT with a space", "JWT "),
                      ("of a letter that only looks so", "JW\u0422")):
        member(f"typ {name}", "type is another", typ=typ)


def bad_claims():
    def claim(name, because, settings="plain", **changed):
        bad(name, because, token(EC_1, payload=claims(**changed)), settings)

    for name, iss in (("missing", ABSENT), ("a prefix", ISSUER[:-1]), ("with a slash after", ISSUER + "/"),
                      ("in capitals", ISSUER.upper()),
                      ("with a capital", ISSUER.replace("id", "Id")), ("longer", ISSUER + ".attacker.example"),
                      ("with http", ISSUER.replace("https", "http")), ("with a port", "https://id.example:443/shop"),
                      ("with NUL after", ISSUER + "\0"), ("with a space after", ISSUER + " "), ("empty", ""),
                      ("null", None),
                      ("an array", [ISSUER]), ("a number", 1), ("another", "https://attacker.example/shop")):
        claim(f"iss {name}", "another issuer", iss=iss)
    for name, aud in (("missing", ABSENT), ("another", "other"), ("a prefix", "orderl"), ("longer", "orderly2"),
                      ("in capitals", "ORDERLY"),
                      ("with a space", "orderly "), ("two in one string", "orderly other"), ("empty", ""),
                      ("null", None), ("a number", 1),
                      ("true", True), ("an object", {"orderly": "orderly"}), ("an empty array", []),
                      ("an array without it", ["a", "b"]),
                      ("an array within", [["orderly"]]), ("an array with a number too", ["orderly", 1]),
                      ("an array of null", [None])):
        claim(f"aud {name}", "another audience", aud=aud)
    claim("client_id where aud is asked for", "another audience", aud=ABSENT, client_id=AUDIENCE)
    claim("aud where client_id is asked for", "another audience", "access tokens")
    claim("client_id another", "another audience", "access tokens", aud=ABSENT, client_id="other")
    for name, sub in (("missing", ABSENT), ("empty", ""), ("a number", 1), ("null", None), ("an array", ["user-1"]),
                      ("of 256 bytes", "s" * 256),
                      ("with a line end", "user\n1"), ("with NUL", "user-1\0"), ("with DEL", "user\x7f1"),
                      ("with a C1 control", "user\x851")):
        claim(f"sub {name}", "usable sub", sub=sub)
    for name, roles in (("a number", 1), ("an object", {"owner": True}), ("an array with a number", ["staff", 1]),
                        ("null", None),
                        ("true", True), ("an array within", [["owner"]])):
        claim(f"roles {name}", "no list of strings", roles=roles)
    claim("101 roles", "too many roles", roles=["r"] * 101)
    claim("101 roles in one string", "too many roles", roles="r " * 101)
    claim("roles at a pointer: a number", "no list of strings", "pointer", realm_access={"roles": 1})


def times():
    def date(name, because, **changed):
        made = token(EC_1, payload=claims(**changed))
        if because:
            bad(name, because, made)
        else:
            good(name, made, expires_at_ms=round(changed.get("exp", NOW + 3600) * 1000))

    date("exp missing", "no exp", exp=ABSENT)
    for name, exp in (("in the past", NOW - 3600), ("30 s ago: the leeway is over", NOW - 30),
                      ("30.001 s ago", NOW - 30.001), ("0", 0),
                      ("in 1970", 1.5)):
        date(f"exp {name}", "expired", exp=exp)
    for name, exp in (("now", NOW), ("29 s ago: within the leeway", NOW - 29), ("29.5 s ago", NOW - 29.5),
                      ("in a second", NOW + 1),
                      ("with a fraction", NOW + 100.25), ("at the end of 9999", 253402300799)):
        date(f"exp {name}", "", exp=exp)
    for name in ("exp", "nbf", "iat"):
        for label, value in (("a string", str(NOW + 60)), ("null", None), ("true", True), ("an array", [NOW + 60]),
                             ("an object", {}), ("negative", -1), ("just negative", -0.5), ("in 10000", 253402300800),
                             ("1e300", 1e300),
                             ("the largest integer", 2**63 - 1), ("beyond the largest integer", 2**64),
                             ("in milliseconds", NOW * 1000)):
            date(f"{name} {label}", f"{name} is no time", **{name: value})
    for text in ("NaN", "Infinity", "-Infinity", "nan", "0x70DBD880", "01893459600", "+1893459600", ".5", "1893459600.",
                 "1_893_459_600"):
        bad(f"exp {text}", "payload is no", token(EC_1, payload=claims_text(text)))
    bad("exp 1e999", "no", token(EC_1, payload=claims_text("1e999")))
    for text in ("1893459600.0", "1.8934596e9", "18934596E+2", "18934596000e-1"):
        good(f"exp {text}", token(EC_1, payload=claims_text(text)))
    for name in ("nbf", "iat"):
        for label, value in (("in an hour", NOW + 3600), ("in 31 s", NOW + 31),
                             ("in 30.001 s: beyond the leeway", NOW + 30.001)):
            date(f"{name} {label}", f"{name} is in the future", **{name: value})
        for label, value in (("missing", ABSENT), ("now", NOW), ("in 30 s: within the leeway", NOW + 30),
                             ("long ago", 0), ("with a fraction", NOW - 0.5)):
            date(f"{name} {label}", "", **{name: value})


def identities():
    good("aud an array", by_jwcrypto(RSA_1, header(RSA_1), claims(aud=["other", AUDIENCE])))
    good("aud an array of one", by_jwcrypto(EC_1, header(EC_1), claims(aud=[AUDIENCE])))
    good("an access token with client_id", token(EC_1, payload=claims(aud=ABSENT, client_id=AUDIENCE,
                                                                      **{"cognito:groups": ["owner"]})),
         "access tokens", roles=["owner"])
    for name, given, expected in (("array", ["staff", "approver"], ["staff", "approver"]), ("empty array", [], []),
                                  ("string", "staff", ["staff"]),
                                  ("words", "staff  approver ", ["staff", "approver"]), ("empty string", "", []),
                                  ("absent", ABSENT, []),
                                  ("100 of them", ["r"] * 100, ["r"] * 100)):
        good(f"roles: {name}", token(EC_1, payload=claims(roles=given)), roles=expected)
    good("roles that nobody asked for", token(EC_1, payload=claims(roles=["owner"])), "no roles")
    good("roles at a pointer", token(EC_1, payload=claims(realm_access={"roles": ["owner"]}, roles=["x"])), "pointer",
         roles=["owner"])
    good("roles at a pointer: absent", token(EC_1, payload=claims(realm_access={})), "pointer")
    good("roles at a pointer: not within an object", token(EC_1, payload=claims(realm_access=1)), "pointer")
    good("roles at a name like a URL", token(EC_1, payload=claims(**{"https://shop.example/roles": ["owner"]})), "url",
         roles=["owner"])
    mail = "anna@shop.example"
    good("e-mail, verified", token(EC_1, payload=claims(email=mail, email_verified=True)), email=mail)
    for name, changed in (("not verified", {"email_verified": False}),
                          ("verified is a string", {"email_verified": "true"}),
                          ("verified is a number", {"email_verified": 1}), ("nothing said", {}),
                          ("verified is null", {"email_verified": None}),
                          ("a number", {"email": 1, "email_verified": True}),
                          ("a list", {"email": [mail], "email_verified": True}),
                          ("empty", {"email": "", "email_verified": True}),
                          ("a line end in it", {"email": mail + "\n", "email_verified": True}),
                          ("too long", {"email": "a" * 250 + "@b.example", "email_verified": True})):
        good(f"e-mail: {name}", token(EC_1, payload=claims(**({"email": mail} | changed))))


def main():
    good_tokens()
    identities()
    bad_algorithms()
    bad_signatures.add_all()
    bad_forms()
    bad_json()
    bad_headers()
    bad_claims()
    times()
    write("tokens.json", CASES, [f'"now_s": {NOW}', f'"issuer": "{ISSUER}"', f'"audience": "{AUDIENCE}"',
                                 f'"settings": {compact(SETTINGS)}', f'"identity": {compact(IDENTITY)}',
                                 f'"key_set": {compact(KEY_SET)}'])
    write("key_sets.json", key_sets.cases(), [])
    print(sum("identity" in case for case in CASES), "of them good")


def write(name, cases, members):
    """One line for each case."""
    names = [case["name"] for case in cases]
    assert len(names) == len(set(names)), [each for each in names if names.count(each) > 1]
    members = [f'"note": "{NOTE}"', *members, f'"count": {len(cases)}',
               '"cases": [\n' + ",\n".join(map(compact, cases)) + "\n]"]
    (OUT / name).write_text("{\n" + ",\n".join(members) + "\n}\n")
    print(f"{name}: {len(cases)} cases, {(OUT / name).stat().st_size} bytes")


if __name__ == "__main__":
    main()
