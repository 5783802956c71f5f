"""How a class did, on one page without names: what to look at before the next lecture.

Of each assignment the points, of each task how many have it, and what failed, the most frequent first. It holds no
script and nothing that is loaded from elsewhere; the pictures are drawn as the book's are, and say in words what they show.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

import jinja2
import markupsafe

from grading.masters import Cell, Master
from grading.sentences import Sentences
from optimlib import plots
from optimlib.styles import OTHERS

PAGE = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>How the class did</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 0 auto; padding: 1.5rem; overflow-wrap: anywhere; }
h2 { margin-top: 3rem; } h3 { margin: 2rem 0 .25rem; } p { margin: .25rem 0; }
figure { margin: 1rem 0; max-width: 30rem; } svg { width: 100%; height: auto; } figcaption { font-size: .9rem; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; }
caption { text-align: left; font-weight: 600; }
th, td { text-align: left; font-weight: inherit; padding: .15rem .75rem .15rem 0; vertical-align: top; }
thead th { font-size: .9rem; }
td:first-child { white-space: nowrap; width: 9rem; }
td i { display: block; height: .4rem; background: {{ color }}; }
</style>
</head>
<body>
<main>
<h1>How the class did</h1>
{% for each in assignments %}
<h2>{{ each.name }}</h2>
<p>{{ each.count }} graded. The checks give {{ g(each.of) }} points; half of the students have {{ g(each.median) }} or more.
{%- if each.to_mark %} Answers in words: {{ each.to_mark }}.{% endif %}
{%- if each.timeouts %} Stopped by the time limit: {{ each.timeouts }}.{% endif %}</p>
{% for picture in each.pictures %}{{ picture }}
{% endfor %}
{% for task in each.tasks %}
<h3>{{ task.title }}</h3>
<p>Right: {{ task.right }} of {{ each.count }}. In part: {{ task.part }}. Not right: {{ task.wrong }}. Not begun: {{ task.blank }}.</p>
{% for title, column, lines in (("Which check failed", "Label", task.labels), ("What was seen", "Sentence", task.seen)) if lines %}
<table>
<caption>{{ title }}</caption>
<thead><tr><th scope="col">Students</th><th scope="col">{{ column }}</th></tr></thead>
<tbody>
{% for words, count in lines %}
<tr><td>{{ count }}<i style="width: {{ (100 * count / each.count) | round | int }}%"></i></td><th scope="row">{{ words }}</th></tr>
{% endfor %}
</tbody>
</table>
{% endfor %}
{% endfor %}
{% else %}
<p>Nothing is graded yet.</p>
{% endfor %}
</main>
</body>
</html>
""")
OUTCOMES = ("right", "in part", "not right", "not begun")


def page(results: Iterable[dict], known: Mapping[str, Master], say: Sentences) -> str:
    """The page, of all results that were graded; a label that failed in a task that was not begun says nothing, and is left out."""
    by_assignment: dict[str, list[dict]] = {name: [] for name in known}
    for result in results:
        if not result["reason"] and result["assignment"] in known:
            by_assignment[result["assignment"]].append(result)
    assignments = [_assignment(known[name], own, say) for name, own in by_assignment.items() if own]
    return PAGE.render(assignments=assignments, color=OTHERS[0][0], g="{:g}".format)


def _assignment(master: Master, results: list[dict], say: Sentences) -> dict[str, Any]:
    checks = master.of("check")
    of = sum(cell.points for cell in checks)
    tasks = [[task for result in results for task in result["tasks"] if task["id"] == cell.id] for cell in checks]
    totals = [sum(task["points"] for task in result["tasks"] if not task["written"]) for result in results]
    counts = [Counter(map(_outcome, own)) for own in tasks]
    return {
        "name": master.name,
        "count": len(results),
        "of": of,
        "median": median(totals),
        "to_mark": sum(task["to_mark"] for result in results for task in result["tasks"]),
        "timeouts": sum(any(task.get("timeout") for task in result["tasks"]) for result in results),
        "pictures": _pictures(master.name, totals, of, counts),
        "tasks": [_task(*each, say) for each in zip(checks, tasks, counts)],
    }


def _outcome(task: dict) -> str:
    if task["points"] == task["of"]:
        return "right"
    return "in part" if task["points"] else "not begun" if task["why"] == "not_begun" else "not right"


def _pictures(name: str, totals: list[float], of: float, counts: list[Counter]) -> list[markupsafe.Markup]:
    points = Counter(map(math.floor, totals))
    outcomes = {outcome: [count[outcome] for count in counts] for outcome in OUTCOMES}
    drawn = (
        plots.bars(
            [points[n] for n in range(math.floor(of) + 1)],
            caption=f"{name}: how many students have how many points from the checks.",
            x="points, rounded down",
            y="students",
        ),
        plots.bars(
            {outcome: heights for outcome, heights in outcomes.items() if any(heights)},
            caption=f"{name}: how the tasks with a check went, in their order.",
            x="task",
            y="students",
            first=1,
            stacked=True,
        ),
    )
    return [markupsafe.Markup(picture._repr_html_()) for picture in drawn]


def _task(cell: Cell, own: list[dict], count: Counter, say: Sentences) -> dict[str, Any]:
    begun = [task for task in own if _outcome(task) not in ("right", "not begun")]
    labels = Counter(label for task in begun for label in task["wrong"])
    return {
        "title": cell.title,
        **dict(zip(("right", "part", "wrong", "blank"), (count[outcome] for outcome in OUTCOMES))),
        "labels": labels.most_common(),
        "seen": Counter(_seen(task, say) for task in begun).most_common(),
    }


def _seen(task: dict, say: Sentences) -> str:
    """What the student was told, without what only one of them can have written."""
    words = {
        key: value if isinstance(value, str) else say(value[0], **value[1]) for key, value in task["words"].items()
    }
    if task["why"] == "stopped":
        words["error"] = words["error"].partition(":")[0]
    return say(f"why.{task['why']}.said", **words)
