"""Strict validation with Datadog's API models. The client itself accepts unknown keys and only marks unparsed values."""

from datadog_api_client import Configuration
from datadog_api_client.model_utils import (
    ModelComposed,
    ModelNormal,
    OpenApiModel,
    UnparsedObject,
    validate_and_convert_types,
)


def problems(value, model) -> list:
    """The problems that a model of the official client has with a JSON value, each with its path."""
    try:
        read = validate_and_convert_types(value, (model,), ["$"], True, True, Configuration())
    except Exception as error:  # The client raises many types of errors; each is a problem.
        return [f"$: {type(error).__name__}: {error}"]
    return list(walk(read, "$"))


def walk(read, place):
    """Yields unknown keys and values that match no model, innermost first."""
    if isinstance(read, UnparsedObject):
        yield f"{place}: matches no model"
    elif isinstance(read, ModelComposed):
        for instance in read._composed_instances:
            yield from walk(instance, place)
    elif isinstance(read, ModelNormal):
        found = False
        for key, value in read._data_store.items():
            if key not in read.openapi_types:
                found = True
                yield f"{place}.{key}: {type(read).__name__} has no such key"
            for problem in walk(value, f"{place}.{key}"):
                found = True
                yield problem
        if read._unparsed and not found:
            yield f"{place}: {type(read).__name__} rejects it"
    elif isinstance(read, OpenApiModel):
        if read._unparsed:
            yield f"{place}: {type(read).__name__} has no such value"
    elif isinstance(read, list):
        for at, value in enumerate(read):
            yield from walk(value, f"{place}[{at}]")
