"""Tokens whose signature is not their key's, or not their algorithm's: see make_tokens.py."""
import hashlib
import hmac

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from cases import bad, by_jwcrypto, claims, header, starting_with_zero, token
from signing import (EC_1, EC_2, EC_384, EC_K1, EC_STRANGER, OCT, P256_ORDER, P256_PRIME, RSA_1, RSA_2,
                     RSA_FOR_ENCRYPTION, RSA_SMALL, RSA_STRANGER, as_bytes, b64, number, private, raw_rsa, sign,
                     sign_ec, sign_ec_numbers, sign_rsa, unb64)

SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def public_forms(key):
    public = private(key).public_key()
    pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    text = public.public_bytes(pem, info)
    forms = {"PEM": text, "PEM without its last line end": text.strip(), "DER": public.public_bytes(der, info),
             "JWK": as_bytes(key.export_public(as_dict=True)), "nothing": b""}
    if key["kty"] == "RSA":
        forms["PKCS#1 PEM"] = public.public_bytes(pem, serialization.PublicFormat.PKCS1)
        forms["modulus"] = unb64(key.export_public(as_dict=True)["n"])
    else:
        forms["point"] = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return forms


def add_all():
    confused_keys()
    bad_ec_signatures()
    bad_rsa_signatures()
    mixed_up_parts()


def confused_keys():
    for key in (RSA_1, EC_1):
        kind = "RSA" if key is RSA_1 else "EC"
        for form, secret in public_forms(key).items():
            def mac(data, secret=secret):
                return hmac.new(secret, data, hashlib.sha256).digest()
            bad(f"HS256 with the {kind} key as secret: {form}", "neither RS256 nor ES256",
                token(head=header(key, alg="HS256"), signature=mac))
            if form == "PEM":
                bad(f"{header(key)['alg']} whose signature is an HMAC by the {kind} key", "signature is not",
                    token(head=header(key), signature=mac))
    bad("HS256 with a secret key of the set", "neither RS256 nor ES256",
        by_jwcrypto(OCT, {"alg": "HS256", "kid": "oct-1"}, claims()))
    bad("RS256 that names the secret key", "no such key", token(head=header(kid="oct-1")))
    bad("RS256 with an EC key's kid", "not its key's", token(RSA_1, header(RSA_1, kid="ec-1")))
    bad("ES256 with an RSA key's kid", "not its key's", token(EC_1, header(EC_1, kid="rsa-1")))
    bad("RS256 header, EC key and signature", "not its key's", token(EC_1, header(EC_1, alg="RS256")))
    bad("ES256 header, RSA key and signature", "not its key's", token(RSA_1, header(RSA_1, alg="ES256")))
    bad("another RSA key of the set", "signature is not", token(RSA_2, header(RSA_1)))
    bad("another EC key of the set", "signature is not", token(EC_2, header(EC_1)))
    bad("a stranger's RSA key", "signature is not", token(RSA_STRANGER, header(RSA_1)))
    bad("a stranger's EC key", "signature is not", token(EC_STRANGER, header(EC_1)))
    for key in (EC_384, EC_K1, RSA_SMALL, RSA_FOR_ENCRYPTION):
        bad(f"an unusable key of the set, {key['kid']}", "no such key", token(key))
    bad("ES256 by a P-384 key under another kid", "signature is not", token(EC_384, header(EC_1)))
    bad("ES256 by a secp256k1 key under another kid", "signature is not", token(EC_K1, header(EC_1)))


def bad_ec_signatures():
    def case(name, made):
        bad(f"ES256: {name}", "signature is not", token(EC_1, signature=made))

    def of_numbers(r, s):
        return lambda _: r.to_bytes(32, "big") + s.to_bytes(32, "big")

    case("DER", lambda data: private(EC_1).sign(data, ec.ECDSA(hashes.SHA256())))
    for label, r, s in (("r and s zero", 0, 0), ("r and s one", 1, 1), ("r and s the order", P256_ORDER, P256_ORDER),
                        ("r and s the field's prime", P256_PRIME, P256_PRIME),
                        ("r and s all ones", 2**256 - 1, 2**256 - 1), ("r one, s zero", 1, 0), ("r zero, s one", 0, 1),
                        ("r the order, s one", P256_ORDER, 1), ("r one, s the order", 1, P256_ORDER),
                        ("r one, s the order less one", 1, P256_ORDER - 1)):
        case(label, of_numbers(r, s))
    case("r zero", of_halves(lambda r, s: bytes(32) + s))
    case("s zero", of_halves(lambda r, s: r + bytes(32)))
    case("r and s exchanged", of_halves(lambda r, s: s + r))
    case("r replaced by the order less r", lambda data: negated_r(data))
    case("r plus the order, in 33 bytes", lambda data: plus_order(data, 0))
    case("s plus the order, in 33 bytes", lambda data: plus_order(data, 1))
    case("r and s of 33 bytes", lambda data: in_fields(data, 33))
    case("a zero byte before s", of_halves(lambda r, s: r + b"\0" + s))
    case("r and s of 48 bytes", lambda data: in_fields(data, 48))
    case("a byte missing", lambda data: sign_ec(EC_1, data)[:-1])
    case("a byte more", lambda data: sign_ec(EC_1, data) + b"\0")
    case("a byte before", lambda data: b"\0" + sign_ec(EC_1, data))
    case("only r", lambda data: sign_ec(EC_1, data)[:32])
    case("nothing", lambda _: b"")
    case("a leading zero byte of r left out", without_zero)
    case("SHA-384", lambda data: sign_ec(EC_1, data, "384"))
    case("SHA-512", lambda data: sign_ec(EC_1, data, "512"))


def of_halves(change):
    """Of one signature, since each of ECDSA is another one."""
    def made(data):
        signature = sign_ec(EC_1, data)
        return change(signature[:32], signature[32:])
    return made


def negated_r(data):
    r, s = sign_ec_numbers(EC_1, data)
    return (P256_ORDER - r).to_bytes(32, "big") + s.to_bytes(32, "big")


def in_fields(data, length):
    return b"".join(each.to_bytes(length, "big") for each in sign_ec_numbers(EC_1, data))


def plus_order(data, which):
    numbers = list(sign_ec_numbers(EC_1, data))
    numbers[which] += P256_ORDER
    return b"".join(each.to_bytes(33 if each >> 256 else 32, "big") for each in numbers)


def without_zero(data):
    """Each signature of ECDSA is another one."""
    while (signature := sign_ec(EC_1, data))[0] != 0:
        pass
    return signature[1:]


def bad_rsa_signatures():
    def case(name, made):
        bad(f"RS256: {name}", "signature is not", token(RSA_1, signature=made))

    size = 256

    def block(data, filler=None, kind=b"\x01", info=SHA256_DIGEST_INFO, after=b""):
        """EMSA-PKCS1-v1_5 (RFC 8017 section 9.2), with faults."""
        digest = info + hashlib.sha256(data).digest() + after
        filling = b"\xff" * (size - 3 - len(digest)) if filler is None else filler
        return (b"\0" + kind + filling + b"\0" + digest).ljust(size, b"\0")

    assert token(RSA_1) == token(RSA_1, signature=lambda data: raw_rsa(RSA_1, block(data)))
    case("a byte missing", lambda data: sign_rsa(RSA_1, data)[:-1])
    case("a byte more", lambda data: sign_rsa(RSA_1, data) + b"\0")
    case("a byte before", lambda data: b"\0" + sign_rsa(RSA_1, data))
    case("nothing", lambda _: b"")
    case("zero", lambda _: bytes(size))
    case("one", lambda _: b"\1".rjust(size, b"\0"))
    case("all ones", lambda _: b"\xff" * size)
    case("the modulus", lambda _: unb64(RSA_1.export_public(as_dict=True)["n"]))
    case("the modulus less one",
         lambda _: (int.from_bytes(unb64(RSA_1.export_public(as_dict=True)["n"]), "big") - 1).to_bytes(size, "big"))
    case("SHA-1", lambda data: private(RSA_1).sign(hashlib.sha1(data).digest(), padding.PKCS1v15(),
                                                   Prehashed(hashes.SHA1())))
    case("SHA-384", lambda data: sign_rsa(RSA_1, data, "384"))
    case("SHA-512", lambda data: sign_rsa(RSA_1, data, "512"))
    case("PSS", lambda data: sign_rsa(RSA_1, data, pss=True))
    for name, faults in (
            ("the digest alone in the padding", {"info": b""}),
            ("DigestInfo without NULL", {"info": bytes.fromhex("302f300b06096086480165030402010420")}),
            ("DigestInfo of SHA-512", {"info": bytes.fromhex("3051300d060960864801650304020305000440")}),
            ("block type 2", {"kind": b"\x02"}), ("block type 0", {"kind": b"\x00"}),
            ("short padding, bytes after the digest", {"filler": b"\xff" * 8}),
            ("no padding, bytes after the digest", {"filler": b""}),
            ("bytes after the digest", {"filler": b"\xff" * 200, "after": b"\0\0"}),
            ("another byte in the padding", {"filler": b"\xff" * 100 + b"\xfe" + b"\xff" * 101})):
        case(name, lambda data, faults=faults: raw_rsa(RSA_1, block(data, **faults)))
    bad("RS256: plus the modulus", "signature is not", plus_modulus())
    bad("RS256: a leading zero byte left out", "signature is not", without_leading_zero())


def plus_modulus():
    modulus = int.from_bytes(unb64(RSA_1.export_public(as_dict=True)["n"]), "big")
    for i in range(20_000):
        made = token(payload=claims(jti=str(i)))
        text, _, signature = made.rpartition(".")
        raised = int.from_bytes(unb64(signature), "big") + modulus
        if raised >> 2048 == 0:
            return text + "." + number(raised, 256)
    raise RuntimeError("no such signature")


def without_leading_zero():
    text, _, signature = starting_with_zero(RSA_1, 0).rpartition(".")
    return text + "." + b64(unb64(signature)[1:])


def mixed_up_parts():
    for key in (RSA_1, EC_1):
        alg = header(key)["alg"]
        mine, other = token(key), token(key, payload=claims(sub="user-2"))
        head, payload, signature = mine.split(".")
        bad(f"{alg}: another token's signature", "signature is not", ".".join([head, payload, other.split(".")[2]]))
        bad(f"{alg}: another token's payload", "signature is not", ".".join([head, other.split(".")[1], signature]))
        bad(f"{alg}: another header's typ", "signature is not",
            ".".join([b64(as_bytes(header(key, typ="at+jwt"))), payload, signature]))
        bad(f"{alg}: payload alone is signed", "signature is not",
            head + "." + payload + "." + b64(sign(key, payload.encode())))
        bad(f"{alg}: decoded text is signed", "signature is not",
            head + "." + payload + "." + b64(sign(key, unb64(head) + b"." + unb64(payload))))
        bad(f"{alg}: payload before header is signed", "signature is not",
            head + "." + payload + "." + b64(sign(key, (payload + "." + head).encode())))
        bad(f"{alg}: a bit of the payload flipped", "signature is not",
            ".".join([head, b64(unb64(payload).replace(b"user-1", b"user-0")), signature]))
        bad(f"{alg}: a bit of the signature flipped", "signature is not",
            ".".join([head, payload, b64(bytes([unb64(signature)[0] ^ 1]) + unb64(signature)[1:])]))
        bad(f"{alg}: a bit of the header flipped", "algorithm",
            ".".join([b64(unb64(head).replace(b"S256", b"S257")), payload, signature]))
