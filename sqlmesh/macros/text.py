"""How text from vendors is made comparable: e-mails, domains, keys, vendor ids. Each macro returns a sqlglot tree."""

from sqlglot import exp
from sqlmesh import macro
from sqlmesh.core.macros import MacroEvaluator, RuntimeStage
from sqlmesh.utils.errors import SQLMeshError

# What forms and spreadsheets leave around an address beside blanks: tab, the ends of lines, the no-break and the zero-width
# blank, the mark of a file. By number: not every engine reads `\t` in a text as a tab.
LIKE_BLANKS = (9, 10, 13, 160, 8203, 65279)


@macro()
def refuse_other_order(evaluator: MacroEvaluator) -> None:
    """Stop a plan where the database orders text by a language: the smallest key decides ties, and who is who."""
    if evaluator.runtime_stage != RuntimeStage.BEFORE_ALL.value:
        return
    if evaluator.engine_adapter.fetchone("SELECT 'a' < 'B'")[0]:
        raise SQLMeshError(
            "The database orders text by a language ('a' comes before 'B' there): persons and ties would come out"
            " otherwise than on the other engines. Make it with: CREATE DATABASE ... LOCALE 'C' TEMPLATE template0"
        )


@macro()
def known(evaluator: MacroEvaluator, value: exp.Expression) -> exp.Expression:
    """Trimmed text, NULL where it is blank: '' and '  ' are no value, 'unknown' is one."""
    return exp.func("NULLIF", exp.func("TRIM", value), exp.Literal.string(""))


@macro()
def utm(evaluator: MacroEvaluator, value: exp.Expression) -> exp.Expression:
    """Known text, NULL also where analytics writes that it knows nothing: `(not set)`, `(not provided)`."""
    text = value.sql("snowflake")
    return evaluator.parse_one(f"CASE WHEN LOWER(TRIM({text})) NOT IN ('', '(not set)', '(not provided)') THEN TRIM({text}) END")


@macro()
def utm_campaign(evaluator: MacroEvaluator, value: exp.Expression) -> exp.Expression:
    """A campaign; what analytics writes in brackets where there is none (`(direct)`, `(organic)`) is no campaign."""
    text = value.sql("snowflake")
    return evaluator.parse_one(f"CASE WHEN TRIM({text}) <> '' AND TRIM({text}) NOT LIKE '(%)' THEN TRIM({text}) END")


@macro()
def normal_email(evaluator: MacroEvaluator, value: exp.Expression) -> exp.Expression:
    """An e-mail as an identifier: lower case, without blanks of any kind around it, NULL where nothing is left."""
    like_blanks, blanks = " || ".join(f"CHR({number})" for number in LIKE_BLANKS), " " * len(LIKE_BLANKS)
    text = f"TRANSLATE({value.sql('snowflake')}, {like_blanks}, '{blanks}')"
    return evaluator.parse_one(f"NULLIF(LOWER(TRIM({text})), '')")


@macro()
def email_without_tag(evaluator: MacroEvaluator, email: exp.Expression) -> exp.Expression:
    """`jane+news@acme.com` is `jane@acme.com`. Takes a normal_email."""
    return evaluator.parse_one(
        f"SPLIT_PART(SPLIT_PART({email.sql('snowflake')}, '@', 1), '+', 1)"
        f" || '@' || SPLIT_PART({email.sql('snowflake')}, '@', 2)"
    )


@macro()
def domain_of(evaluator: MacroEvaluator, website: exp.Expression) -> exp.Expression:
    """The host of a web address without `www.`: `https://www.Acme.com:443/x?y` is `acme.com`."""
    text = website.sql("snowflake")
    return evaluator.parse_one(
        f"NULLIF(REGEXP_REPLACE(REGEXP_REPLACE(REGEXP_REPLACE(LOWER(TRIM({text})), '^[a-z]*:?//', ''), '[.]?[:/?#].*$', ''),"
        " '^www[.]', ''), '')"
    )


@macro()
def slug(evaluator: MacroEvaluator, name: exp.Expression) -> exp.Expression:
    """A campaign or asset name as a key: trimmed, lower case, blanks and underscores as hyphens, NULL where blank."""
    text = name.sql("snowflake")
    return evaluator.parse_one(f"NULLIF(REPLACE(REPLACE(LOWER(TRIM({text})), ' ', '-'), '_', '-'), '')")


@macro()
def key_of(evaluator: MacroEvaluator, *parts: exp.Expression) -> exp.Expression:
    """A key of 32 hex digits made of the parts; NULL is a part like any other."""
    texts = [f"COALESCE(CAST({part.sql('snowflake')} AS VARCHAR), '~')" for part in parts]
    return evaluator.parse_one(f"MD5({' || chr(31) || '.join(texts)})".replace("chr(31)", "'|'"))


@macro()
def salesforce_id(evaluator: MacroEvaluator, value: exp.Expression) -> exp.Expression:
    """The 18-character form of a Salesforce id, whichever of the two forms it came in.

    The last three characters say which of the first fifteen are capitals, five each.
    """
    text = value.sql("snowflake")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    capitals, others = letters[:26], letters[:26].lower() + "0123456789"
    # The five places of a chunk as bits, the first place lowest: '00000 10000 01000 ...', six characters each.
    patterns = " ".join(f"{number:05b}"[::-1] for number in range(32))

    def check(start: int) -> str:
        bits = f"TRANSLATE(SUBSTR({text}, {start}, 5), '{capitals}{others}', '{'1' * 26}{'0' * 36}')"
        return f"SUBSTR('{letters}', CAST((CHARINDEX({bits}, '{patterns}') + 5) / 6 AS INTEGER), 1)"

    suffix = f"{check(1)} || {check(6)} || {check(11)}"
    return evaluator.parse_one(f"CASE WHEN LENGTH({text}) = 15 THEN {text} || {suffix} ELSE NULLIF({text}, '') END")


@macro()
def first_known(
    evaluator: MacroEvaluator, column: exp.Expression, priority: exp.Expression
) -> exp.Expression:
    """In a GROUP BY: the column's value in the record of the best priority (1 to 6) that has one."""
    text, rank = column.sql("snowflake"), priority.sql("snowflake")
    ranked = ", ".join(f"MAX(CASE WHEN {rank} = {place} THEN {text} END)" for place in range(1, 7))
    return evaluator.parse_one(f"COALESCE({ranked})")


@macro()
def approved_values(evaluator: MacroEvaluator) -> exp.Expression:
    """What people approved to be read as something else, as a table: kind, from_value, to_value."""
    names = ("kind", "from_value", "to_value")
    rows = evaluator.var("approved_values") or []
    if not rows:
        nothing = ", ".join(f"CAST(NULL AS VARCHAR) AS {name}" for name in names)
        return evaluator.parse_one(f"SELECT {nothing} WHERE FALSE").subquery()
    listed = [tuple(exp.Literal.string(part) for part in row) for row in rows]
    return exp.select(*names).from_(exp.values(listed, alias="listed", columns=names)).subquery()


@macro()
def value_key(evaluator: MacroEvaluator, kind: exp.Expression, value: exp.Expression) -> exp.Expression:
    """A value as the mapping looks it up: trimmed, lower case; campaigns and assets as a slug."""
    what, text = kind.sql("snowflake"), value.sql("snowflake")
    return evaluator.parse_one(
        f"CASE WHEN {what} IN ('campaign', 'content') THEN REPLACE(REPLACE(LOWER(TRIM({text})), ' ', '-'), '_', '-')"
        f" ELSE LOWER(TRIM({text})) END"
    )
