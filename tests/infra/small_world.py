"""A home of a few deals, and a project of a few models over them with the machinery of the large models."""

import shutil
from pathlib import Path

import duckdb

from infra.home import Home
from infra.review import environments
from infra.transform import build
from ingest.contract import create_promised_tables
from tests.shared import ROOT

TOY = Path(__file__).parent / "toy"
SHARED = ("macros/__init__.py", "macros/journeys.py", "materializations/changed_journeys.py")


class World:
    """`models` are SQL by file name; `shared` are files of the real project; `large` is the model that is looked at."""

    def __init__(self, folder, models, large, shared=()):
        self.home, self.project, self.large = Home(folder / "home"), folder / "project", large
        self.models, self.shared = models, shared
        self.home.warehouse_file.parent.mkdir(parents=True)
        (self.project / "models").mkdir(parents=True)
        shutil.copy(TOY / "external_models.yaml", self.project)
        # In capitals, as the real project has it: SQLMesh looks for its tables by the letter.
        config = (TOY / "config.py").read_text().replace('"warehouse"', '"WAREHOUSE"')
        (self.project / "config.py").write_text(config)
        for name in (*SHARED, *shared):
            target = self.project / name
            target.parent.mkdir(exist_ok=True, parents=True)
            shutil.copy(ROOT / "sqlmesh" / name, target)
        for name, text in models.items():
            (self.project / "models" / f"{name}.sql").write_text(text)

    def load(self, deals):
        """Put the deals in place of those that are there, and refresh."""
        with duckdb.connect(str(self.home.warehouse_file)) as connection:
            create_promised_tables(connection)
            connection.execute("DELETE FROM raw.files__deals")
            connection.executemany("INSERT INTO raw.files__deals (deal_id, amount) VALUES (?, ?)", deals)
        build(self.home.warehouse_file, lambda *_: None, self.project)

    def edit(self, model, old, new):
        file = self.project / "models" / f"{model}.sql"
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))

    def plan(self, forward_only):
        return environments.plan(
            self.home.warehouse_file, "dev", lambda *_: None, self.project, forward_only=forward_only
        )

    def promote(self):
        return environments.promote(self.home.warehouse_file, "dev", lambda *_: None, self.project)

    def mark(self, column):
        """Write into every row of prod's large table behind SQLMesh's back: a row that is built anew loses it."""
        with duckdb.connect(str(self.home.warehouse_file)) as connection:
            connection.execute("ATTACH ':memory:' AS other")  # so that views name their catalog
            [(view,)] = connection.execute(
                "SELECT sql FROM duckdb_views() WHERE lower(schema_name || '.' || view_name) = ?",
                [self.large],
            ).fetchall()
            table = view.rpartition("FROM ")[2].rstrip(";\n ")
            connection.execute(f"UPDATE {table} SET {column} = 'kept'")

    def rows(self, columns, schema="attribution"):
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH '{self.home.warehouse_file}' AS warehouse (READ_ONLY)")
            table = f"warehouse.{schema}.{self.large.partition('.')[2]}"
            return connection.execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()

    def is_what_a_build_from_nothing_gives(self, folder, deals, marked):
        """The same files over the same raw rows, in a home that has nothing yet; but for the marked column."""
        other = World(folder, self.models, self.large, self.shared)
        shutil.copytree(self.project / "models", other.project / "models", dirs_exist_ok=True)
        other.load(deals)
        return self.rows(f"* EXCLUDE ({marked})") == other.rows(f"* EXCLUDE ({marked})")
