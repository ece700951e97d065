"""What SQLMesh need not do again each time it runs a query: rendering, asking for columns, copying with care.

Each is a public method that is replaced where it exists; where another SQLMesh or sqlglot has none, nothing happens.
No query is another for it: tests/warehouse_models/test_rendering.py renders the models both ways.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

Method = Callable[..., Any]

# What a loaded query is rendered with: it is the tables' names alone that are put in.
TABLES = frozenset({"snapshots", "table_mapping", "expand", "deployability_index"})

# What a macro may ask of its evaluator, and import, and still write the same in every run.
CONSTANT = frozenset({"parse_one", "var", "blueprint_var", "gateway", "dialect"})
PURE = frozenset({"__future__", "decimal", "json", "math", "sqlglot", "sqlmesh", "typing"})
BUILT_IN = frozenset({"and", "each", "if", "or"})
DYNAMIC = frozenset({"__import__", "eval", "exec", "getattr", "globals", "locals", "open", "vars"})


def render_once() -> None:
    """Spare SQLMesh what it has done before, for the rest of the process."""
    from sqlglot.expressions import Expression
    from sqlmesh.core.model import SqlModel

    _replace(SqlModel, "render_query", _as_it_was_loaded)
    _replace(SqlModel, "render_audit_query", _without_asking_for_columns)
    _replace(Expression, "__deepcopy__", _copied_at_once)


def _replace(owner: type, name: str, better: Callable[[Method], Method]) -> None:
    original = getattr(owner, name, None)
    if original is None or hasattr(original, "__wrapped__"):
        return
    if (method := better(original)) is not original:
        setattr(owner, name, functools.wraps(original)(method))


def _as_it_was_loaded(original: Method) -> Method:
    """Build from the query that was rendered and optimized when the models were read, where it cannot be another.

    SQLMesh writes macros out, parses and optimizes again at each evaluation, as a query may depend on the interval
    that is built, on the stage or on what a table holds. All but a few of ours do not.
    """
    from sqlmesh.core.macros import RuntimeStage

    # Of a table that is not there yet, and of one that is.
    building = (RuntimeStage.CREATING, RuntimeStage.EVALUATING)

    def render_query(model: Any, **options: Any) -> Any:
        built = options.get("runtime_stage") in building
        if built and not _embeds(options) and is_the_same_in_every_run(model):
            options = {name: value for name, value in options.items() if name in TABLES}
        return original(model, **options)

    return render_query


def _embeds(options: dict[str, Any]) -> bool:
    return any(snapshot.is_embedded for snapshot in (options.get("snapshots") or {}).values())


def is_the_same_in_every_run(model: Any) -> bool:
    """Whether a model's query is made of settings alone: when in doubt, not.

    Its variables are the project's, its macros are SQLMesh's plainest or the project's own, and these ask of their
    evaluator for nothing that changes from run to run.
    """
    from sqlglot import exp
    from sqlmesh.core.dialect import Jinja, MacroFunc, MacroSQL, MacroStrReplace, MacroVar

    query = model.query
    if isinstance(query, Jinja) or any(query.find_all(MacroSQL, MacroStrReplace)):
        return False
    if any("@" in identifier.name for identifier in query.find_all(exp.Identifier)):
        return False
    own = {name.lower() for name, one in model.python_env.items() if one.is_definition}
    called = {macro.name.lower() for macro in query.find_all(MacroFunc)}
    named = {variable.name.lower() for variable in query.find_all(MacroVar)}
    return (
        called <= own | BUILT_IN
        and named <= _variables(model)
        and all(_is_constant(one.payload) for one in model.python_env.values() if not one.is_value)
    )


def _variables(model: Any) -> set[str]:
    """The names of the project's settings that the model uses."""
    from sqlmesh.core.constants import SQLMESH_VARS

    held = model.python_env.get(SQLMESH_VARS)
    tree = ast.parse(held.payload, mode="eval").body if held else None
    keys = tree.keys if isinstance(tree, ast.Dict) else []
    return {str(key.value).lower() for key in keys if isinstance(key, ast.Constant)}


@functools.cache
def _is_constant(code: str) -> bool:
    """Whether a macro, or what it imports, writes the same whenever it is asked."""
    tree = ast.parse(code)
    return not (
        _used(tree) & (_of_the_evaluator() - CONSTANT)
        or {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & DYNAMIC
        or set(_imported(tree)) - PURE
    )


def _used(tree: ast.AST) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


@functools.cache
def _of_the_evaluator() -> frozenset[str]:
    from sqlmesh.core.macros import MacroEvaluator

    return frozenset(name for name in dir(MacroEvaluator("")) if not name.startswith("__"))


def _without_asking_for_columns(original: Method) -> Method:
    """Do not ask for the columns of an audited table where there is no time column, which alone needs their types."""

    def render_audit_query(model: Any, audit: Any, **options: Any) -> Any:
        if model.time_column is None and "engine_adapter" in options:
            options = options | {"engine_adapter": None}
        return original(model, audit, **options)

    return render_audit_query


# What a node of a query holds: where sqlglot's holds anything else, sqlglot copies it.
HELD = {"args", "parent", "arg_key", "index", "comments", "_type", "_meta", "_hash"}


def _copied_at_once(original: Method) -> Method:
    """Copy a query in a third of the time: a type that nodes share is copied once, a node's notes as they are."""
    from sqlglot.expressions import Expression

    held = {name for one in Expression.__mro__ for name in getattr(one, "__slots__", ())}
    return _copied if held - {"__weakref__"} == HELD else original


def _copied(expression: Any, memo: Any) -> Any:
    from sqlglot.expressions import Expr

    root = type(expression)()
    types: dict[int, Any] = {}
    left = [(expression, root)]
    while left:
        node, copy = left.pop()
        if node.comments is not None:
            copy.comments = list(node.comments)
        if node._meta is not None:
            copy._meta = dict(node._meta)
        if node._type is not None:
            copy._type = types.get(id(node._type)) or types.setdefault(id(node._type), deepcopy(node._type))
        for key, value in node.args.items():
            if isinstance(value, Expr):
                copy.args[key] = new = type(value)()
                new.parent, new.arg_key = copy, key
                left.append((value, new))
            elif type(value) is list:
                copy.args[key] = [_listed(one, copy, key, index, left) for index, one in enumerate(value)]
            else:
                copy.args[key] = value
    return root


def _listed(value: Any, parent: Any, key: str, index: int, left: list[tuple[Any, Any]]) -> Any:
    """One of several, for the copy of the node that has them; where it is a node, it is left to be filled."""
    if not hasattr(value, "arg_key"):
        return value
    new = type(value)()
    new.parent, new.arg_key, new.index = parent, key, index
    left.append((value, new))
    return new
