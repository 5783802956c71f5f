"""A page for a student: which tasks are right, what failed in words, and what the marker wrote.

Built of labels, points and our own sentences; the few words of the student's that are in it (the
error of a cell, a name) are escaped. No check, no expected value and no output comes here.
"""

from __future__ import annotations

import jinja2

PAGE = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ result.assignment }}: feedback for {{ result.student }}</title>
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
<p>Feedback for {{ result.student }}</p>
{% if result.note %}<p>{{ result.note }}</p>{% endif %}
{% if result.reason %}
<p><strong>This could not be graded:</strong> {{ result.reason }}.</p>
{% else %}
<p><strong>{{ "%g" | format(marks.auto + marks.hand) }} of {{ "%g" | format(result.of) }} points</strong>
{%- if marks.to_mark %}, and {{ marks.to_mark }} {{ "answer is" if marks.to_mark == 1 else "answers are" }} still to be marked{% endif %}.</p>
{% for task in result.tasks %}
<h2>{{ task.title or task.id }}</h2>
{% if task.to_mark and task.id in marks.points %}
<p>Marked by hand: {{ "%g" | format(marks.points[task.id]) }} of {{ "%g" | format(task.of) }}.</p>
{% elif task.to_mark %}
<p>Not marked yet, of {{ "%g" | format(task.of) }}.</p>
{% elif task.written %}
<p>Nothing was written here: 0 of {{ "%g" | format(task.of) }}.</p>
{% elif task.points == task.of %}
<p>All right: {{ "%g" | format(task.points) }} of {{ "%g" | format(task.of) }}.</p>
{% else %}
<p>Not yet right: {{ "%g" | format(task.points) }} of {{ "%g" | format(task.of) }}.</p>
{% if task.stopped %}<p>Your cell <code>{{ task.solution }}</code> did not run to its end: {{ task.stopped }}.</p>{% endif %}
{% if task.lost %}<p>When your function was called, {{ task.lost }}.</p>{% endif %}
{% if task.wrong and not task.lost %}
<p>What was asked, and not answered right:</p>
<ul>
{% for label, how in task.wrong.items() %}
<li>{{ label }}: {{ how }}</li>
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


def page(result: dict, marks) -> str:
    return PAGE.render(result=result, marks=marks)
