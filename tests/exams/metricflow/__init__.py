"""Run questions of MetricFlow's own integration tests through our importer and engine.

`python -m tests.exams.metricflow --exam DIR --cases FILE` prints each miss and, last, `N of M`.
"""
