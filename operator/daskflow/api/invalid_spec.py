"""What to say of a spec that cannot be understood."""

from reprlib import repr as short

from pydantic import ValidationError


def sentence(error: ValidationError, root: str = "spec") -> str:
    """The first of a spec's errors as one sentence that names field, value and what is wrong."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in (root, *first["loc"]))
    return f"{field}: {first['msg'].removeprefix('Value error, ')} (it is {short(first['input']):.80})."
