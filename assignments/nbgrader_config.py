"""nbgrader's settings for this course: `make assignments` reads them, and formgrader when it is opened here.

Students' code is run by `make grade` only. `nbgrader autograde`, and the button of that name in
formgrader, would run it with all your rights.
"""

from pathlib import Path

c = get_config()  # noqa: F821 (nbgrader defines it)

c.CourseDirectory.course_id = "gradient-descent-to-adam"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.NbGrader.logfile = ""

# Students' answers are shown to whoever marks them: as text, without scripts.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.preprocessors = ["nbconvert.preprocessors.sanitize.SanitizeHTML"]
