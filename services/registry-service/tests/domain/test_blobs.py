"""Decisions about blobs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from placet_registry.domain.blobs import Blob, refuse_other_digest
from placet_shared.errors import Invalid

SHA, OTHER = "ab" * 32, "cd" * 32


def test_blob_that_is_new_is_stored(at: datetime, decided: Callable[..., Any]) -> None:
    blob = Blob.store(SHA, 3, at)
    assert blob.id == f"blob-{SHA}"
    assert decided(blob) == [("BlobStored", {"sha256": SHA, "size": 3})]


def test_blob_with_another_digest_than_announced_is_refused_with_both() -> None:
    with pytest.raises(Invalid) as refused:
        refuse_other_digest(SHA, OTHER, 3)
    assert refused.value.code == "digest_mismatch"
    assert (refused.value.facts["claimed"], refused.value.facts["received"]) == (SHA, OTHER)
    refuse_other_digest(SHA, SHA, 3)
