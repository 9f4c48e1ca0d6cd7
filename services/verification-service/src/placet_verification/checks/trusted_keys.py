"""Public keys that a plan trusts, Ed25519 and ECDSA on P-256, and whether a signature is by one of them."""

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key, load_pem_public_key

__all__ = ["PublicKey", "fingerprint", "key_text", "public_key", "signed_by"]

PublicKey = Ed25519PublicKey | EllipticCurvePublicKey

ALLOWED = "a public key, Ed25519 or ECDSA on P-256: PEM (BEGIN PUBLIC KEY), the base64 of its DER form, or of the 32 bytes of Ed25519"
_RAW_LENGTH = 32
_HALF = 32


def public_key(text: str) -> PublicKey:
    """Of PEM or base64; ValueError says what is allowed."""
    if "PRIVATE KEY" in text:
        raise ValueError("the public key alone: this is a private one, which is known to others now and must be replaced")
    try:
        found = load_pem_public_key(text.encode()) if "-----BEGIN" in text else _of_base64(text)
    except (ValueError, UnsupportedAlgorithm, binascii.Error) as error:
        raise ValueError(ALLOWED) from error
    if isinstance(found, Ed25519PublicKey) or (isinstance(found, EllipticCurvePublicKey) and isinstance(found.curve, SECP256R1)):
        return found
    raise ValueError(ALLOWED)


def key_text(key: PublicKey) -> str:
    """The one form in which plans carry it: base64 of SubjectPublicKeyInfo (RFC 5280) in DER."""
    return base64.b64encode(_der(key)).decode()


def fingerprint(key: PublicKey) -> str:
    """SHA-256 of SubjectPublicKeyInfo in DER, in hex."""
    return hashlib.sha256(_der(key)).hexdigest()


def signed_by(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether the signature over the message is by this key: Ed25519 (RFC 8032), or ECDSA with SHA-256, in DER or as r ‖ s."""
    if isinstance(key, Ed25519PublicKey):
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True
    return _by_ecdsa(key, signature, message) or (len(signature) == 2 * _HALF and _by_ecdsa(key, _in_der(signature), message))


def _by_ecdsa(key: EllipticCurvePublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _in_der(signature: bytes) -> bytes:
    return encode_dss_signature(int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big"))


def _of_base64(text: str) -> object:
    raw = base64.b64decode("".join(text.split()), validate=True)
    return Ed25519PublicKey.from_public_bytes(raw) if len(raw) == _RAW_LENGTH else load_der_public_key(raw)


def _der(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
