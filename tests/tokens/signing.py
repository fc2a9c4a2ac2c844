"""Test keys, made anew for each run, and signatures below jwcrypto, for what it would not sign."""
import base64
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from jwcrypto import jwk

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_PRIME = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(value, length=None):
    return b64(value.to_bytes(length or max(1, (value.bit_length() + 7) // 8), "big"))


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def as_bytes(part):
    """A dict as JSON; text and bytes as they are."""
    if isinstance(part, bytes):
        return part
    return (part if isinstance(part, str) else compact(part)).encode()


RSA_1 = jwk.JWK.generate(kty="RSA", size=2048, kid="rsa-1", use="sig", alg="RS256")
RSA_2 = jwk.JWK.generate(kty="RSA", size=3072, kid="rsa-2")
RSA_SMALL = jwk.JWK.generate(kty="RSA", size=1024, kid="rsa-small", use="sig", alg="RS256")
RSA_FOR_ENCRYPTION = jwk.JWK.generate(kty="RSA", size=2048, kid="rsa-enc", use="enc")
RSA_STRANGER = jwk.JWK.generate(kty="RSA", size=2048, kid="stranger")
EC_1 = jwk.JWK.generate(kty="EC", crv="P-256", kid="ec-1", use="sig", alg="ES256")
EC_2 = jwk.JWK.generate(kty="EC", crv="P-256", kid="schlüssel / zwei")
EC_STRANGER = jwk.JWK.generate(kty="EC", crv="P-256", kid="stranger")
EC_384 = jwk.JWK.generate(kty="EC", crv="P-384", kid="ec-384")
EC_K1 = jwk.JWK.generate(kty="EC", crv="secp256k1", kid="ec-k1")
ED = jwk.JWK.generate(kty="OKP", crv="Ed25519", kid="ed-1")
OCT = jwk.JWK.generate(kty="oct", size=256, kid="oct-1")
PUBLISHED = [RSA_1, EC_1, RSA_2, EC_2, RSA_SMALL, RSA_FOR_ENCRYPTION, EC_384, EC_K1, ED]
KEY_SET = {"keys": [key.export_public(as_dict=True) for key in PUBLISHED] + [OCT.export(as_dict=True)]}


def private(key):
    """The key for cryptography."""
    return serialization.load_pem_private_key(key.export_to_pem(private_key=True, password=None), None)


HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}


def sign_rsa(key, data, digest="256", pss=False):
    kind = padding.PSS(padding.MGF1(HASHES[digest]()), hashes.SHA256.digest_size) if pss else padding.PKCS1v15()
    return private(key).sign(data, kind, HASHES[digest]())


def sign_ec_numbers(key, data, digest="256"):
    return decode_dss_signature(private(key).sign(data, ec.ECDSA(HASHES[digest]())))


def sign_ec(key, data, digest="256"):
    length = (private(key).curve.key_size + 7) // 8
    return b"".join(each.to_bytes(length, "big") for each in sign_ec_numbers(key, data, digest))


def sign(key, data):
    return sign_rsa(key, data) if key["kty"] == "RSA" else sign_ec(key, data)


def raw_rsa(key, block):
    """The block itself to the power of the private exponent."""
    numbers = private(key).private_numbers()
    modulus = numbers.public_numbers.n
    return pow(int.from_bytes(block, "big"), numbers.d, modulus).to_bytes((modulus.bit_length() + 7) // 8, "big")
