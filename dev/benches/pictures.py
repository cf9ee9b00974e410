"""`dev/bench plot`: pictures of what the other benchmarks have printed.

Their last line is JSON; keep it, or all of their output, in a file of your own:

    dev/bench send | tee send.txt
    dev/bench plan --flat | tee plan.txt
    dev/bench plot send.txt plan.txt --to pictures
"""

import argparse
import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("agg")  # no window: files

from matplotlib import pyplot  # asks which backend to use

OURS, THEIRS = "#714b67", "#b8b4bd"


def main(arguments):
    """Draw a picture of each measurement in the files; return 1 if there is none."""
    options = _parser().parse_args(arguments)
    options.to.mkdir(parents=True, exist_ok=True)
    drawn = 0
    for found in _measurements(options.files):
        name, draw = _picture(found)
        if draw:
            path = options.to / f"{name}.png"
            _save(path, draw, found)
            print(path)
            drawn += 1
    return 0 if drawn else 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="dev/bench plot",
        description=__doc__.partition(":")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", type=Path, nargs="+", help="what benchmarks printed")
    parser.add_argument("--to", type=Path, default=Path(), help="folder; default: here")
    return parser


def _measurements(files):
    """The JSON lines of benchmarks in these files, as dictionaries."""
    for path in files:
        for line in path.read_text(errors="replace").splitlines():
            if line.startswith('{"bench": '):
                yield json.loads(line)


def _picture(found):
    """(name of the picture, how to draw it); (…, None) if there is nothing to see."""
    name = found["bench"]
    if name == "plan" and "sizes" in found:
        return "plan-sizes", _sizes
    return name, {
        "plan": _beside_oca,
        "send": _beside_odoo,
        "mailboxes": _side_by_side,
        "year": _year,
    }.get(name)


def _save(path, draw, found):
    figure = draw(found)
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    figure.set_layout_engine("constrained")
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _sizes(found):
    """Planning: seconds and memory by the number of open invoices."""
    sizes = {int(size): each for size, each in found["sizes"].items()}
    figure, (time, memory) = pyplot.subplots(1, 2, figsize=(9, 3.4))
    idle = {
        why: [each["idle"][why]["seconds"] for each in sizes.values()]
        for why in next(iter(sizes.values()))["idle"]
    }
    all_due = [each["seconds"] for each in sizes.values()]
    time.loglog(list(sizes), all_due, "o-", color=OURS, label="all due")
    for (why, seconds), style in zip(idle.items(), ("s--", "^:", "d-."), strict=False):
        time.loglog(list(sizes), seconds, style, color=THEIRS, label=why)
    time.set(title="A run of the planner", xlabel="open invoices", ylabel="seconds")
    time.legend(frameon=False)
    time.yaxis.set_major_formatter("{x:g}")
    peaks = [each["megabytes"] for each in sizes.values()]
    memory.semilogx(list(sizes), peaks, "o-", color=OURS)
    memory.set(title="Memory of Odoo", xlabel="open invoices", ylabel="MB")
    memory.set_ylim(0)
    for axes in (time, memory):
        axes.set_xticks(list(sizes), [f"{size:,}" for size in sizes])
        axes.minorticks_off()
    return figure


def _beside_oca(found):
    figure, axes = pyplot.subplots(figsize=(5, 2))
    values = [found["oca"]["seconds"], found["ours"]["seconds"]]
    names = ["account_credit_control", "this addon"]
    bars = axes.barh(names, values, color=[THEIRS, OURS])
    axes.bar_label(bars, [f" {value:.2g} s" for value in values])
    axes.set(xscale="log", title=f"Planning {found['invoices']:,} open invoices")
    return figure


def _beside_odoo(found):
    panels = (
        ("milliseconds an email", "seconds", 1000),
        ("of them, of the processor", "cpu_seconds", 1000),
        ("SQL statements an email", "statements", 1),
    )
    figure, all_axes = pyplot.subplots(1, len(panels), figsize=(9, 2.8))
    for axes, (title, name, times) in zip(all_axes, panels, strict=True):
        sides = (found["core"], found["ours"])
        values = [times * side[name] / side["emails"] for side in sides]
        bars = axes.bar(["Odoo's emails", "follow-ups"], values, color=[THEIRS, OURS])
        axes.bar_label(bars, fmt="%.0f")
        axes.margins(y=0.15)
        axes.set_title(title)
    return figure


def _side_by_side(found):
    ways = {
        "one after the other": "one_by_one",
        "side by side": "side_by_side",
        "while one more hangs": "one_hangs",
    }
    figure, axes = pyplot.subplots(figsize=(5.5, 2.4))
    rates = [found[name]["rate"] for name in ways.values()]
    bars = axes.barh(list(ways), rates, color=[THEIRS, OURS, OURS])
    axes.bar_label(bars, fmt=" %.1f")
    axes.invert_yaxis()
    axes.set_title(f"Emails a second, {found['calls']} calls of {found['call']} ms")
    return figure


def _year(found):
    figure, all_axes = pyplot.subplots(1, 2, figsize=(7, 2.8))
    titles = {"plan": "Planning a customer", "send": "Sending an email"}
    for axes, (what, title) in zip(all_axes, titles.items(), strict=True):
        sides = (found["before"], found["after"])
        values = [1000 * side[what]["cpu_seconds"] for side in sides]
        bars = axes.bar(["first day", "a year later"], values, color=[THEIRS, OURS])
        axes.bar_label(bars, fmt="%.2f")
        axes.margins(y=0.15)
        axes.set_title(f"{title}: ms of the processor")
    return figure


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
