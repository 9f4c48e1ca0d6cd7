"""Whether a file is another format's too: what was tried as ONNX must not be something else to the program that loads it later."""

import io
import zipfile

__all__ = ["other_format"]

_HDF5 = b"\x89HDF\r\n\x1a\n"


def other_format(raw: bytes, besides: str | None = None) -> str | None:
    """The other format that a reader would recognise, `besides` the one that the file should be.

    A ZIP (PyTorch, Keras, NumPy) is found by its end, a TAR (older PyTorch) by its first header, HDF5 (Keras) at 0, 512, 1024, 2048 …,
    ONNX Runtime's own format by its fifth to eighth byte: the engine would load that in place of what the gate has read.
    """
    if raw[4:8] == b"ORTM":
        return "ORT"
    # the end alone may be chance, once in some ten thousand files
    if besides != "ZIP" and zipfile.is_zipfile(io.BytesIO(raw)) and b"PK\x01\x02" in raw:
        return "ZIP"
    if raw[257:262] == b"ustar":
        return "TAR"
    place = 0
    while place < len(raw):
        if raw.startswith(_HDF5, place):
            return "HDF5"
        place = max(512, 2 * place)
    return None
