"""The demo's database with sample data: made once a day, copied for each demo."""

import contextlib
import datetime

import env

from . import cache, odoo_source
from .console import step
from .environment import prepare

DATABASE = "demo"
# What the database is made from, besides Odoo.
SOURCES = ("*.py", "*.xml", "*.csv", "*.po", "*.sql")
NOT_IN_THE_ADDON = ("tests", "dev", ".ci", ".git")


@contextlib.contextmanager
def sandbox():
    """A throwaway PostgreSQL with the sample database; gives an `env.Sandbox`."""
    with env.sandbox(_template()) as box:
        yield box


def _template():
    # Overdue is relative to today, and the PDFs show the dates: a new day, a new one.
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    key = cache.digest(today, odoo_source.key(prepare().odoo), *_sources())
    return cache.part("demo", key, _build)


def _build(path):
    with env.sandbox() as box:
        box.database(DATABASE)
        with (
            step("Creating the sample data, with the invoices' PDFs"),
            box.serve(DATABASE, "--max-cron-threads=0") as server,
        ):
            box.shell(
                DATABASE,
                f"import sys; sys.path.append({str(cache.CHECKOUT / 'dev')!r})\n"
                "from samples import build\n"
                f"build.store_pdfs(build.create(env), {server.url!r})\n",
            )
        # A new database has all of Odoo's housekeeping due at once: tomorrow, please.
        later = "UPDATE ir_cron SET nextcall = now() + interval '1 day'"
        box.cluster.sql(later, DATABASE)
        box.cluster.sql("VACUUM ANALYZE", DATABASE)
        box.save(path)


def _sources():
    """The contents of the addon's files and of the sample data."""
    root = cache.CHECKOUT
    for pattern in SOURCES:
        for path in sorted(root.rglob(pattern)):
            inside = path.relative_to(root)
            if inside.parts[0] not in NOT_IN_THE_ADDON:
                yield f"{inside}\n{path.read_text()}"
    for path in sorted((root / "dev/samples").glob("*.py")):
        yield path.read_text()
