"""Whether an ONNX tensor has as many elements as it says: the engine allocates what the dimensions say, not what the file holds.

Layout of the fields: onnx.proto, message TensorProto.
"""

from collections.abc import Iterable, Mapping
from math import prod

from onnx import SparseTensorProto, TensorProto

from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["checked_bytes", "dense_bytes", "refuse_external"]

# bits of an element by type; a type that is missing here is refused
_BITS: Mapping[int, int] = {
    number: bits
    for bits, names in {
        2: ("UINT2", "INT2"),
        4: ("UINT4", "INT4", "FLOAT4E2M1"),
        8: ("UINT8", "INT8", "BOOL", "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ", "FLOAT8E8M0"),
        16: ("UINT16", "INT16", "FLOAT16", "BFLOAT16"),
        32: ("FLOAT", "UINT32", "INT32"),
        64: ("DOUBLE", "UINT64", "INT64", "COMPLEX64"),
        128: ("COMPLEX128",),
    }.items()
    for name, number in TensorProto.DataType.items()
    if name in names
}
_FIELDS: Mapping[int, str] = {
    TensorProto.FLOAT: "float_data",
    TensorProto.COMPLEX64: "float_data",
    TensorProto.DOUBLE: "double_data",
    TensorProto.COMPLEX128: "double_data",
    TensorProto.INT64: "int64_data",
    TensorProto.UINT32: "uint64_data",
    TensorProto.UINT64: "uint64_data",
    TensorProto.STRING: "string_data",
}
_ALL_FIELDS = ("float_data", "double_data", "int32_data", "int64_data", "uint64_data", "string_data")
_COMPLEX = (TensorProto.COMPLEX64, TensorProto.COMPLEX128)


def refuse_external(tensor: TensorProto) -> None:
    """Raise `Refused` for data outside the file."""
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise Refused("external_data", tensor=tensor.name)


def checked_bytes(tensor: TensorProto) -> int:
    """The bytes that it takes, in the file or once it is loaded; raises `Refused` when its data are not what its dimensions say."""
    elements = _elements(tensor.dims, tensor.name)
    bits = _BITS.get(tensor.data_type)
    if (bits is None and tensor.data_type != TensorProto.STRING) or tensor.HasField("segment"):
        raise Refused("tensor_mismatch", tensor=tensor.name, type=tensor.data_type)
    field = _FIELDS.get(tensor.data_type, "int32_data")
    if strays := [name for name in _ALL_FIELDS if name != field and len(getattr(tensor, name))]:
        raise Refused("tensor_mismatch", tensor=tensor.name, field=strays[0])
    held = len(getattr(tensor, field))
    if tensor.HasField("raw_data"):
        expected, held, unit = (-1 if bits is None else _in_bytes(elements, bits)), len(tensor.raw_data) + held, "bytes"
    elif bits is not None and bits < 8:
        expected, unit = _in_bytes(elements, bits), "entries"
    else:
        expected, unit = elements * (2 if tensor.data_type in _COMPLEX else 1), "entries"
    if held != expected:
        raise Refused("tensor_mismatch", tensor=tensor.name, dims=str(list(tensor.dims)), found=f"{held} {unit}")
    return max(int(tensor.ByteSize()), _in_bytes(elements, bits or 8))


def dense_bytes(tensor: SparseTensorProto) -> int:
    """The bytes that it takes when the engine makes it dense; raises `Refused`."""
    for part in (tensor.values, tensor.indices):
        refuse_external(part)
    held = checked_bytes(tensor.values) + checked_bytes(tensor.indices)
    return held + _in_bytes(_elements(tensor.dims, tensor.values.name), _BITS.get(tensor.values.data_type, 8))


def _elements(dims: Iterable[int], name: str) -> int:
    lengths = list(dims)
    if any(length < 0 for length in lengths):
        raise Refused("tensor_mismatch", tensor=name, dims=str(lengths))
    return prod(lengths)


def _in_bytes(elements: int, bits: int) -> int:
    return -(-elements * bits // 8)
