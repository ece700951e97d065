"""The true answers: the glossary's metrics counted from the company's own objects, in plain Python.

Nothing here reads a table or a vendor's answer, so an error of ingestion, of a model or of the compiler
cannot hide in it.
"""

from infra.sandbox.truth.answers import TrueAnswer, lookup, true_answers, true_answers_by

__all__ = ["TrueAnswer", "lookup", "true_answers", "true_answers_by"]
