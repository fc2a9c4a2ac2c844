"""The cases of key sets: see make_tokens.py."""
import secrets

from cases import ABSENT
from signing import EC_1, EC_K1, ED, KEY_SET, OCT, P256_PRIME, RSA_1, b64, compact, number, unb64

SETS = []


def key_set(name, keys, usable):
    text = keys if isinstance(keys, str) else compact({"keys": keys})
    SETS.append({"name": name, "text": text, "usable": usable})


def odd(bits):
    """An odd number of so many bits; a modulus as far as anyone can tell without its factors."""
    return secrets.randbits(bits) | 1 << (bits - 1) | 1


def cases():
    rsa_key, ec_key = RSA_1.export_public(as_dict=True), EC_1.export_public(as_dict=True)
    modulus = int.from_bytes(unb64(rsa_key["n"]), "big")
    x, y = (int.from_bytes(unb64(ec_key[name]), "big") for name in "xy")
    rs, es = {"rsa-1": "RS256"}, {"ec-1": "ES256"}

    def one(name, key, usable, **changed):
        key_set(name, [{member: value for member, value in (key | changed).items() if value is not ABSENT}], usable)

    key_set("one of each", [rsa_key, ec_key], rs | es)
    key_set("the one of the tokens", KEY_SET["keys"],
            {"rsa-1": "RS256", "rsa-2": "RS256", "ec-1": "ES256", "schlüssel / zwei": "ES256"})
    key_set("none", [], {})
    key_set("unknown members", compact({"issuer": "x", "keys": [ec_key | {"x5t": "1", "exp": 1, "nested": {"a": []}}]}),
            es)
    key_set("things that are no keys", [1, None, "key", [], {}, [ec_key], ec_key], es)

    for bits in (1024, 2040, 2047):
        one(f"RSA of {bits} bits", rsa_key, {}, n=number(odd(bits)))
    for bits in (2048, 2049, 4096, 8192):
        one(f"RSA of {bits} bits", rsa_key, rs, n=number(odd(bits)))
    for bits in (8193, 8200):
        one(f"RSA of {bits} bits", rsa_key, {}, n=number(odd(bits)))
    one("RSA: a zero byte before n", rsa_key, rs, n=number(modulus, 257))
    one("RSA: zero bytes before a short n", rsa_key, {}, n=number(odd(1024), 256))
    one("RSA: n even", rsa_key, {}, n=number(modulus - 1))
    one("RSA: n zero", rsa_key, {}, n=number(0, 256))
    one("RSA: n empty", rsa_key, {}, n="")
    one("RSA: n missing", rsa_key, {}, n=ABSENT)
    one("RSA: n a number", rsa_key, {}, n=modulus % 1000)
    one("RSA: n with padding", rsa_key, {}, n=rsa_key["n"] + "==")
    one("RSA: n hexadecimal", rsa_key, {}, n="0x" + hex(modulus)[2:] + "!")
    for e, usable in ((0, {}), (1, {}), (2, {}), (3, rs), (4, {}), (17, rs), (65536, {}), (65537, rs), (2**32 - 1, rs),
                      (2**32 + 1, {})):
        one(f"RSA: e {e}", rsa_key, usable, e=number(e))
    one("RSA: e missing", rsa_key, {}, e=ABSENT)
    one("RSA: e empty", rsa_key, {}, e="")
    one("RSA: e a number", rsa_key, {}, e=65537)
    one("RSA: e as long as n", rsa_key, {}, e=number(odd(2048)))
    one("RSA: private members beside", rsa_key, rs, d="AQAB")

    one("EC: y changed by one", ec_key, {}, y=number(y ^ 1, 32))
    one("EC: x changed by one", ec_key, {}, x=number(x ^ 1, 32))
    one("EC: x and y exchanged", ec_key, {}, x=ec_key["y"], y=ec_key["x"])
    one("EC: the other y", ec_key, es, y=number(P256_PRIME - y, 32))
    one("EC: x and y zero", ec_key, {}, x=number(0, 32), y=number(0, 32))
    one("EC: x and y all ones", ec_key, {}, x=number(2**256 - 1), y=number(2**256 - 1))
    one("EC: x the prime", ec_key, {}, x=number(P256_PRIME, 32))
    one("EC: a byte before x", ec_key, {}, x=number(x, 33))
    one("EC: a byte of x missing", ec_key, {}, x=b64(unb64(ec_key["x"])[:-1]))
    one("EC: x empty", ec_key, {}, x="")
    one("EC: y missing", ec_key, {}, y=ABSENT)
    one("EC: y a boolean", ec_key, {}, y=True)
    one("EC: a point of another curve", ec_key, {}, x=EC_K1.export_public(as_dict=True)["x"],
        y=EC_K1.export_public(as_dict=True)["y"])
    for crv in ("P-384", "P-521", "secp256k1", "p-256", "prime256v1", "", None, 256, ABSENT):
        one(f"EC: crv {'missing' if crv is ABSENT else crv!r}", ec_key, {}, crv=crv)

    for kty in ("EC", "oct", "OKP", "rsa", "", None, 1, ABSENT):
        one(f"RSA key, kty {'missing' if kty is ABSENT else kty!r}", rsa_key, {}, kty=kty)
    for kty in ("RSA", "oct", "OKP", "ec"):
        one(f"EC key, kty {kty!r}", ec_key, {}, kty=kty)
    one("a secret key", OCT.export(as_dict=True), {})
    one("Ed25519", ED.export_public(as_dict=True), {})

    for use, usable in ((ABSENT, es), ("sig", es), ("enc", {}), ("SIG", {}), ("", {}), (None, {}), (["sig"], {})):
        one(f"use {'missing' if use is ABSENT else use!r}", ec_key, usable, use=use)
    for operations, usable in ((["verify"], es), (["sign", "verify"], es), (["sign"], {}), (["encrypt"], {}), ([], {}),
                               ("verify", {}), (None, {})):
        one(f"key_ops {operations!r}", ec_key, usable, key_ops=operations)
    for alg, usable in ((ABSENT, es), ("ES256", es), ("RS256", {}), ("ES384", {}), ("HS256", {}), ("none", {}),
                        ("es256", {}), (None, {})):
        one(f"EC key, alg {'missing' if alg is ABSENT else alg!r}", ec_key, usable, alg=alg)
    for alg, usable in ((ABSENT, rs), ("RS256", rs), ("ES256", {}), ("RS512", {}), ("PS256", {}), ("RSA-OAEP", {})):
        one(f"RSA key, alg {'missing' if alg is ABSENT else alg!r}", rsa_key, usable, alg=alg)
    for kid in ("", None, 1, ["ec-1"], ABSENT):
        one(f"kid {'missing' if kid is ABSENT else kid!r}", ec_key, {}, kid=kid)

    same = ec_key | {"kid": "rsa-1"}
    key_set("two with one kid: the first counts", [rsa_key, same], {"rsa-1": "RS256"})
    key_set("two with one kid, the other way round", [same, rsa_key], {"rsa-1": "ES256"})
    key_set("two with one kid, the first unusable", [rsa_key | {"use": "enc"}, same], {"rsa-1": "ES256"})
    key_set("a key names a member twice", '{"keys":[' + compact(ec_key)[:-1] + ',"kid":"ec-2"}]}', None)
    key_set("keys come twice", '{"keys":[],"keys":[' + compact(ec_key) + "]}", None)

    one_key = compact(ec_key)
    for name, text in (("empty", ""), ("not JSON", "<html></html>"), ("an array", f"[{one_key}]"), ("a key", one_key),
                       ("null", "null"),
                       ("an empty object", "{}"), ("keys an object", '{"keys":' + one_key + "}"),
                       ("keys null", '{"keys":null}'),
                       ("keys a string", '{"keys":"x"}'), ("Keys", '{"Keys":[' + one_key + "]}"),
                       ("cut off", '{"keys":[' + one_key),
                       ("something after it", '{"keys":[' + one_key + "]}x"),
                       ("a byte order mark", '\ufeff{"keys":[' + one_key + "]}"),
                       ("too deep", '{"keys":[' + one_key + "]," + '"a":' + "[" * 32 + "]" * 32 + "}")):
        key_set(f"the text: {name}", text, None)
    return SETS
