"""The examples in the docstrings of the doors are run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import api

MODULES = [found.name for found in pkgutil.walk_packages(api.__path__, "api.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
