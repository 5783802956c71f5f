"""A page for a student: which tasks are right, what failed in words, and what the marker wrote.

Built of labels, points and our own sentences; the few words of the student's that are in it (the
error of a cell, a name) are escaped. No check, no expected value and no output comes here.
"""

from __future__ import annotations

import jinja2
import markupsafe

from grading.sentences import Sentences

PAGE = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""\
<!doctype html>
<html lang="{{ say("page.language") }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ say("page.title", assignment=result.assignment, student=result.student) }}</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 1.5rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .25rem; }
p, ul { margin: .25rem 0; }
.comment { border-left: .25rem solid; padding-left: .75rem; white-space: pre-line; }
</style>
</head>
<body>
<main>
<h1>{{ result.assignment }}</h1>
<p>{{ say("page.for_whom", student=result.student) }}</p>
{% for place, words in result.notes %}
<p>{{ say("page.note", note=say(place, **words)) }}</p>
{% endfor %}
{% if result.reason %}
<p><strong>{{ say("page.not_graded", reason=say(result.why[0], **result.why[1]) if result.why else result.reason) }}</strong></p>
{% else %}
<p><strong>{{ say("page.points", points=g(marks.auto + marks.hand), of=g(result.of)) }}</strong>
{%- if marks.to_mark %}, {{ say("page.to_mark_one") if marks.to_mark == 1 else say("page.to_mark", count=marks.to_mark) }}{% endif %}.</p>
{% if result.put_back %}<p>{{ say("page.put_back", cells=result.put_back | join(", ")) }}</p>{% endif %}
{% if result.left_out %}<p>{{ say("page.left_out", cells=listed(result.left_out)) }}</p>{% endif %}
{% if result.in_part %}<p>{{ say("page.in_part", cells=listed(result.in_part)) }}</p>{% endif %}
{% if words %}<p>{{ say("page.elsewhere", count=words) }}</p>{% endif %}
{% for task in result.tasks %}
<h2>{{ task.title or task.id }}</h2>
{% if task.to_mark and task.id in marks.points %}
<p>{{ say("page.marked_by_hand", points=g(marks.points[task.id]), of=g(task.of)) }}</p>
{% elif task.to_mark %}
<p>{{ say("page.not_marked", of=g(task.of)) }}</p>
{% elif task.written %}
<p>{{ say("page.nothing_written", of=g(task.of)) }}</p>
<p>{{ say("page.next", step=say("page.write")) }}</p>
{% elif task.points == task.of %}
<p>{{ say("page.all_right", points=g(task.points), of=g(task.of)) }}</p>
{% else %}
<p>{{ say("page.not_right", points=g(task.points), of=g(task.of)) }}</p>
{% if task.points %}
{% for part in task.parts %}
<p>{{ say("page.part", part=part.title, points=g(part.points), of=g(part.of)) }}</p>
{% endfor %}
{% endif %}
<p>{{ said(task, "said") }}
{%- if task.see %} {{ where(task.see) }}{% endif %}</p>
<p>{{ say("page.next", step=said(task, "step")) }}</p>
{% if task.why in asked %}
<p>{{ say("page.asked") }}</p>
<ul>
{% for label in task.wrong %}
<li>{{ label }}</li>
{% endfor %}
</ul>
{% endif %}
{% endif %}
{% for id in (task.id, task.solution) | unique if id in marks.comments %}
<p class="comment">{{ marks.comments[id] }}</p>
{% endfor %}
{% endfor %}
{% endif %}
</main>
</body>
</html>
""")
LINK = jinja2.Environment(autoescape=True).from_string('<a href="{{ url }}">{{ words }}</a>')
MOST = 10  # cells that are named
ASKED = ("mistake", "printed", "nothing", "single", "rounded", "shape", "promise", "error", "wrong")


def page(result: dict, marks, say: Sentences) -> str:
    def said(task: dict, which: str) -> str:
        return say(f"why.{task['why']}.{which}", **{key: put_in(words) for key, words in task["words"].items()})

    def put_in(words) -> str:
        return words if isinstance(words, str) else say(words[0], **words[1])

    def where(equation: dict) -> markupsafe.Markup:
        words, site = say("book.equation", **equation), say("book.site")
        if site:
            words = markupsafe.Markup(LINK.render(url=site + equation["page"], words=words))
        return markupsafe.Markup(say("page.see", where=markupsafe.escape(words)))

    def listed(cells: list[str]) -> str:
        return "; ".join(cells[:MOST]) + (f" (+ {len(cells) - MOST})" if len(cells) > MOST else "")

    words = sum(other["kind"] == "words" for other in result.get("elsewhere", ()))
    return PAGE.render(
        result=result,
        marks=marks,
        say=say,
        said=said,
        where=where,
        listed=listed,
        words=words,
        asked=ASKED,
        g="{:g}".format,
    )
