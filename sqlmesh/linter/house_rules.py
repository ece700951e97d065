"""House rules as lint errors: a plan does not start while a model breaks one."""

import typing as t

from sqlmesh.core.linter.rule import Rule, RuleViolation
from sqlmesh.core.model import ExternalModel, Model, PythonModel, SeedModel


class NoMissingOwner(Rule):
    """Every model has somebody who answers for it."""

    def check_model(self, model: Model) -> t.Optional[RuleViolation]:
        if isinstance(model, ExternalModel) or model.owner:
            return None
        return self.violation(f"{model.name} has no owner.")


class NoMissingDescription(Rule):
    """Every model says in a sentence what it is."""

    def check_model(self, model: Model) -> t.Optional[RuleViolation]:
        if isinstance(model, ExternalModel) or model.description:
            return None
        return self.violation(f"{model.name} has no description.")


class NoMissingGrain(Rule):
    """Every model says what one row of it is."""

    def check_model(self, model: Model) -> t.Optional[RuleViolation]:
        if isinstance(model, ExternalModel) or model.grains:
            return None
        return self.violation(f"{model.name} declares no grain.")


class NoMissingColumnComments(Rule):
    """Every column of what is published says what it holds."""

    def check_model(self, model: Model) -> t.Optional[RuleViolation]:
        if isinstance(model, (ExternalModel, SeedModel)):
            return None
        described = {name.lower() for name in model.column_descriptions}
        missing = [name for name in model.columns_to_types_or_raise if name.lower() not in described]
        return self.violation(f"{model.name} does not describe {', '.join(missing)}.") if missing else None


class NoUnnamedFrame(Rule):
    """A Python model gives its frame through `named_for`: Snowflake looks for its columns in capitals, no other engine does."""

    def check_model(self, model: Model) -> t.Optional[RuleViolation]:
        if not isinstance(model, PythonModel) or "named_for" in model.python_env:
            return None
        return self.violation(f"{model.name} does not name its columns by maths.frames.named_for.")


class NoForgottenAuditParent(Rule):
    """A model depends on every table that its audits compare it with: otherwise an audit reads yesterday's table."""

    def check_model(self, model: Model) -> t.Optional[RuleViolation]:
        named = [
            arguments[key].sql(dialect=model.dialect)
            for _, arguments in model.audits
            for key in ("parent", "other")
            if key in arguments
        ]
        known = {parent.replace('"', "").lower() for parent in model.depends_on}
        missing = [name for name in named if not any(parent.endswith(name.lower()) for parent in known)]
        return self.violation(f"{model.name} audits against {', '.join(missing)} without depends_on.") if missing else None
