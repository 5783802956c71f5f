"""nbgrader's settings for this course: `make assignments` and `make grade` read them, and formgrader when it is started here.

Students' code is run by `make grade` only. `nbgrader autograde`, and the button of that name in
formgrader, would run it with all your rights, and overwrite the scores.
"""

import os
from pathlib import Path

c = get_config()  # noqa: F821 (nbgrader defines it)

# On a JupyterHub with several courses, each has a name: hub/jupyterhub_config.py sets it.
c.CourseDirectory.course_id = os.environ.get("NBGRADER_COURSE", "gradient-descent-to-adam")
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.Exchange.root = "/srv/nbgrader/exchange"
c.NbGrader.logfile = ""

# Students' answers are shown to whoever marks them: as text, without scripts.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.preprocessors = ["nbconvert.preprocessors.sanitize.SanitizeHTML"]
