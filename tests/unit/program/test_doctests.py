"""The examples in the docstrings of the vocabulary are true."""

import doctest
import importlib
import pkgutil

import pytest

import ziggurat.program

MODULES = [module.name for module in pkgutil.iter_modules(ziggurat.program.__path__, "ziggurat.program.")]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0
