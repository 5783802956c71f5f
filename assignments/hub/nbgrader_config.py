"""nbgrader's settings for everyone on a JupyterHub, students and graders: they belong into /etc/jupyter/.

jupyterhub_config.py beside it says who is in which course. In a grader's folder nbgrader finds the settings of the course.
"""

import os

c = get_config()  # noqa: F821 (nbgrader defines it)

c.CourseDirectory.course_id = os.environ.get("NBGRADER_COURSE", "gradient-descent-to-adam")
c.Exchange.root = "/srv/nbgrader/exchange"
if folder := os.environ.get("NBGRADER_FOLDER"):
    c.CourseDirectory.root = folder
