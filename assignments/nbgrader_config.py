"""nbgrader's settings for this course: `make assignments` and `make grade` read them, and formgrader when it is started here.

Students' code is run by `make grade` only. `nbgrader autograde`, and the button of that name in
formgrader, would run it with all your rights, and overwrite the scores.
"""

from pathlib import Path

c = get_config()  # noqa: F821 (nbgrader defines it)

HUB = Path("/etc/jupyter/nbgrader_config.py")  # on a JupyterHub: hub/nbgrader_config.py, which knows more
c.CourseDirectory.course_id = "gradient-descent-to-adam"
if HUB.exists():
    load_subconfig(str(HUB))  # noqa: F821 (likewise)
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.NbGrader.logfile = ""

# Students' answers are shown to whoever marks them: as text, without scripts.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.preprocessors = ["nbconvert.preprocessors.sanitize.SanitizeHTML"]
# Formulas need no network.
c.HTMLExporter.template_file = str(Path(__file__).resolve().with_name("formgrader.html.j2"))
