"""The request that gives a Kafka user a password (AlterUserScramCredentials, KIP-554), which aiokafka 0.14 does not have."""

import hashlib
import secrets

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactBytes, CompactString, Int8, Int16, Int32, Schema, TaggedFields

__all__ = ["SetPassword"]

SCRAM_SHA_512 = 2
# As Kafka's own tools do it; a password of ours has 192 random bits, which an attacker would have to guess.
ITERATIONS = 8192
SALT_BYTES = 32


class SetPasswordResponse(Response):  # type: ignore[misc]
    """Version 0: an error code for each user."""

    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class SetPasswordRequest(RequestStruct):  # type: ignore[misc]
    """Version 0."""

    FLEXIBLE_VERSION = True
    API_KEY = 51
    API_VERSION = 0
    RESPONSE_TYPE = SetPasswordResponse
    SCHEMA = Schema(
        ("deletions", CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields))),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class SetPassword(Request[SetPasswordRequest]):  # type: ignore[misc]
    """Makes a user, or gives one another password; the broker gets a salted hash (RFC 5802) and never the password."""

    API_KEY = 51

    def __init__(self, user: str, password: str) -> None:
        salt = secrets.token_bytes(SALT_BYTES)
        salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
        self._upsertion: tuple[object, ...] = (user, SCRAM_SHA_512, ITERATIONS, salt, salted, {})

    def build(self, request_struct_class: type[SetPasswordRequest]) -> SetPasswordRequest:
        """For the version that the broker speaks."""
        return request_struct_class([], [self._upsertion], {})
