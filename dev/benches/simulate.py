"""`dev/bench simulate`: the whole engine in simulated time, by thousands of seeds.

Each seed is a story: a company with some customers who are overdue, workers that run
side by side, people who press buttons, a provider that fails in every way, and kills,
lost connections and restarts of PostgreSQL at any statement. Then all is well for two
days, and what has to be true is looked at: nothing twice, nothing lost, nothing
uncertain that is not. The same seed is the same story.
"""

import argparse
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import env
from lib import cache
from lib.console import step


def main(arguments):
    """Live through the seeds and print what they were; return 1 if one fails."""
    options = _parser().parse_args(arguments)
    seeds = range(options.first, options.first + options.seeds)
    if options.seed is not None:
        seeds = range(options.seed, options.seed + 1)
    jobs = min(options.jobs, len(seeds))
    with env.sandbox() as box, step(f"{len(seeds):,} seeds"):
        databases = [box.database() for _job in range(jobs)]
        with ThreadPoolExecutor(jobs) as pool:
            parts = [seeds[job::jobs] for job in range(jobs)]
            wants_trace = [options.seed is not None] * jobs
            found = list(
                pool.map(simulated, [box] * jobs, databases, parts, wants_trace)
            )
    return 1 if _print(found) else 0


def simulated(box, database, seeds, trace=False):
    """What :func:`simulation.run.run` found on a fresh *database* of *box*.

    :param seeds: a range.
    """
    code = (
        f"import json, sys\nsys.path.append({str(cache.CHECKOUT / 'dev')!r})\n"
        "from simulation import run\n"
        f"found = run.run(env, {seeds!r}, {box.dsn(database)!r}, {trace!r})\n"
        "print(json.dumps(found))\n"
    )
    # The order of a set of names must not differ from one time to the next.
    variables = {"ODOO_FAKETIME_TEST_MODE": "1", "PYTHONHASHSEED": "0"}
    output = box.shell(database, code, env=variables, timeout=4 * 3600)
    return json.loads(output.strip().splitlines()[-1])


def _parser():
    parser = argparse.ArgumentParser(
        prog="dev/bench simulate",
        description=__doc__.partition(":")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--seeds", type=int, default=1000, help="how many; default %(default)s")
    add("--first", type=int, default=1, help="the first of them; default %(default)s")
    add("--jobs", type=int, default=1, help="side by side; default %(default)s")
    add("--seed", type=int, help="only this one, and tell what happens in it")
    return parser


def _print(parts):
    """Print what was found, by all jobs.

    :return: the seeds that failed.
    """
    counts, failed, traces = Counter(), {}, {}
    for part in parts:
        counts.update(part["counts"])
        failed |= part["failed"]
        traces |= part["traces"]
    for what, times in sorted(counts.items()):
        print(f"{times:>8,}  {what}")
    for seed, lines in traces.items():
        print(f"\nSeed {seed}")
        print("\n".join(f"    {line}" for line in lines))
        for fault in failed.get(seed, ()):
            print(f"  FAILED {fault}")
    seeds, seconds = (
        sum(part[name] for part in parts) for name in ("seeds", "seconds")
    )
    rate = len(parts) * seeds / seconds
    print(
        f"\n{seeds:,} seeds in {seconds / len(parts):,.0f} s, {rate:.1f} a second: "
        f"{len(failed)} failed {' '.join(failed)}"
    )
    return failed
