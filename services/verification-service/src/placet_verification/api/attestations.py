"""Endpoints of attestations: signed envelopes from elsewhere are recorded, listed, and given back byte for byte."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from placet_shared.errors import NotFound
from placet_shared.event_store import Answer
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answer
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut
from placet_verification.api.parts import verification_of
from placet_verification.api.response_models import AttestationAnswer, AttestationRecordedAnswer
from placet_verification.commands.record_attestation import RecordAttestation, RecordedAttestation, record_attestation
from placet_verification.domain.envelopes import ENVELOPE_LIMIT, MOST_SIGNATURES
from placet_verification.domain.statements import PAYLOAD_TYPE
from placet_verification.queries.attestations import attestations_about, envelope_body

__all__ = ["attestations"]

attestations = APIRouter(prefix="/v1/attestations", tags=["attestations"])

BASE64 = {"type": "string", "format": "byte", "maxLength": ENVELOPE_LIMIT}
SIGNATURE = {"type": "object", "required": ["sig"], "properties": {"sig": BASE64, "keyid": {"type": "string", "maxLength": ENVELOPE_LIMIT}}}
ENVELOPE = {
    "type": "object",
    "description": f"A DSSE envelope of at most {ENVELOPE_LIMIT // 1024} KiB. `keyid` is passed over.",
    "required": ["payloadType", "payload", "signatures"],
    "properties": {
        "payloadType": {"const": PAYLOAD_TYPE},
        "payload": {**BASE64, "description": "An in-toto Statement of version 1."},
        "signatures": {"type": "array", "minItems": 1, "maxItems": MOST_SIGNATURES, "items": SIGNATURE},
    },
}
BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": ENVELOPE}}}}
KNOWN: dict[int | str, dict[str, Any]] = {200: {"model": AttestationRecordedAnswer, "description": "These bytes were recorded before"}}
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", max_length=64, description="SHA-256 of the envelope's bytes.")]
Artifact = Annotated[
    str | None, Query(pattern="^[0-9a-f]{64}$", max_length=64, description="Only those about the artifact with this SHA-256.")
]


@attestations.post(
    "", status_code=201, response_model=AttestationRecordedAnswer, responses=KNOWN, openapi_extra=BODY, summary="Record an attestation"
)
async def record_an_attestation(request: Request, actor: CurrentActor) -> Response:
    """For developers, pipelines and admins. The body is a DSSE envelope, kept byte for byte: an in-toto Statement about the SHA-256 of a
    registered artifact. Runs that are requested from now on consider it. Who signed it is not looked at here: a plan's check
    `attestation` says whose word counts.

    422 `attestation_malformed` names the field; `subject_unknown`: no version has these bytes. 409 `too_many_attestations`.
    """
    registry = verification_of(request).registry
    return await run_command(request, record_attestation, RecordAttestation(await request.body()), registry, present=_recorded)


@attestations.get("", response_model=Page[AttestationAnswer], summary="Attestations that were recorded")
async def list_attestations(request: Request, actor: CurrentActor, page: PageQuery, artifact_sha256: Artifact = None) -> Response:
    """The newest first, by any signer."""
    before = page.after("attestations", int)
    rows = await attestations_about(verification_of(request).pool, artifact_sha256, before[0] if before else None, page.limit + 1)
    return json_response(cut(rows, page, "attestations", key=lambda row: (row[0],), item=lambda row: row[1]))


@attestations.get("/{sha256}", response_model=dict[str, Any], summary="The envelope of an attestation")
async def read_envelope_bytes(request: Request, actor: CurrentActor, sha256: Sha256) -> Response:
    """Exactly the bytes that were uploaded, so that others who have the keys can verify them."""
    body = await envelope_body(verification_of(request).pool, sha256)
    if body is None:
        raise NotFound(f"There is no attestation {sha256}.", code="attestation_not_found")
    headers = {"ETag": f'"{sha256}"', "Cache-Control": "private, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(body, media_type="application/json", headers=headers)


def _recorded(attestation: RecordedAttestation) -> Answer:
    return answer(201 if attestation.new else 200, attestation, "/v1/attestations/{sha256}", without={"new"})
