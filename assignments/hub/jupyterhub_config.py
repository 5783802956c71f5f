"""What a JupyterHub needs for this course: it tells each user's server, and so nbgrader in it, which course is theirs.

On The Littlest JupyterHub it belongs into /opt/tljh/config/jupyterhub_config.d/; elsewhere, beside the Hub's own
settings, which load it: load_subconfig("jupyterhub_config.py").
/srv/nbgrader/users.csv has a line for each user: user,course,folder. The folder is a grader's: assignments/ in the clone
of the book in which the course is graded. Hundreds of students are several courses, each with graders of its own.
"""

import csv
from pathlib import Path

c = get_config()  # noqa: F821 (JupyterHub defines it)

USERS = Path("/srv/nbgrader/users.csv")


def to_course(spawner):
    """Assignments come and go in the user's own course only, and formgrader opens where it is graded."""
    with open(USERS, newline="", encoding="utf-8-sig") as file:
        users = {row["user"]: row for row in csv.DictReader(file)}
    if user := users.get(spawner.user.name):
        told = {"NBGRADER_COURSE": user["course"], "NBGRADER_FOLDER": user["folder"] or ""}
        spawner.environment = {**spawner.environment, **told}


c.Spawner.pre_spawn_hook = to_course
