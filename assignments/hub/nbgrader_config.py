"""nbgrader's settings for everyone on a JupyterHub, students and graders: this file belongs into /etc/jupyter/.

/srv/nbgrader/users.csv says where users belong: user,course,folder. The folder is a grader's: assignments/ in the clone of
the book where the course is graded; there formgrader opens. Who is not in the file is a student of the usual course.
Hundreds of students are better in several courses, each with graders of its own.
"""

import csv
import os
import pwd
from pathlib import Path

c = get_config()  # noqa: F821 (nbgrader defines it)

USERS = Path("/srv/nbgrader/users.csv")

c.Exchange.root = "/srv/nbgrader/exchange"
# In a shell outside the Hub there is only the system's name, before which The Littlest JupyterHub puts "jupyter-".
name = os.environ.get("JUPYTERHUB_USER") or pwd.getpwuid(os.getuid()).pw_name.removeprefix("jupyter-")
with open(USERS, newline="", encoding="utf-8-sig") as file:
    user = next((row for row in csv.DictReader(file) if row["user"] == name), {})
c.CourseDirectory.course_id = user.get("course") or "gradient-descent-to-adam"
if user.get("folder"):
    c.CourseDirectory.root = user["folder"]
