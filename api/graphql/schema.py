"""The GraphQL schema: caches for parsing and validation, limits on what a document may hold, masked failures."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import (
    AddValidationRules,
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
    ValidationCache,
    max_aliases,
    query_depth_limiter,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from api.errors import INTERNAL, as_api_error
from api.graphql.resolvers import Query
from api.graphql.scalars import SCALARS
from api.settings import Limits

_LOGGER = logging.getLogger("touchstone.api")
_CACHED = 500


class TaughtErrors(SchemaExtension):
    """Give errors their code and suggestions, and hide what nobody expected behind a reference.

    Errors of GraphQL itself (a syntax error, an unknown field) are shown as they are.
    """

    def on_operation(self) -> Iterator[None]:
        """Change the errors of the result when the operation is over."""
        yield
        result = self.execution_context.result
        if result is not None and getattr(result, "errors", None):
            result.errors = [taught(error) for error in result.errors]  # type: ignore[union-attr]


def taught(error: GraphQLError) -> GraphQLError:
    """An error as the caller may see it."""
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    if original is None:
        return error
    known = as_api_error(original)
    if known is not None:
        extensions: dict[str, object] = {"code": known.code.upper(), "suggestions": list(known.suggestions)}
        return _replaced(error, known.message, extensions)
    reference = uuid.uuid4().hex[:12]
    _LOGGER.error("graphql failure %s", reference, exc_info=original)
    return _replaced(error, INTERNAL, {"code": "INTERNAL", "reference": reference})


def _replaced(error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


class Schema(strawberry.Schema):
    """A schema whose errors are told to the caller; only failures are logged."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Nothing: `TaughtErrors` logs what nobody expected, and the rest is the caller's business."""


def build_schema(limits: Limits) -> strawberry.Schema:
    """The schema of the doors."""
    # The rules are made once: the validation cache knows a document by its rules, too.
    rules: list[Any] = [
        max_aliases.create_validator(limits.graphql_aliases),
        query_depth_limiter.create_validator(limits.graphql_depth, None, None),
    ]
    return Schema(
        query=Query,
        extensions=[
            TaughtErrors,
            lambda: MaxTokensLimiter(max_token_count=limits.graphql_tokens),
            lambda: AddValidationRules(rules),
            lambda: ParserCache(maxsize=_CACHED),
            lambda: ValidationCache(maxsize=_CACHED),
        ],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
