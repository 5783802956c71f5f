"""What a JupyterHub needs for thousands: its students in shards, each shard with a gradebook and graders of its own.

Put it beside the Hub's own settings, and load it there: load_subconfig("jupyterhub_config.py").
/srv/nbgrader/shards.csv has a line for each user, students and graders: user,shard.
"""

import csv
from pathlib import Path

c = get_config()  # noqa: F821 (JupyterHub defines it)

SHARDS = Path("/srv/nbgrader/shards.csv")


def to_shard(spawner):
    """Tell a user's server, and so nbgrader in it, which course is theirs: assignments come and go there only."""
    with open(SHARDS, newline="") as file:
        shards = {row["user"]: row["shard"] for row in csv.DictReader(file)}
    if shard := shards.get(spawner.user.name):
        spawner.environment = {**spawner.environment, "NBGRADER_COURSE": f"gradient-descent-to-adam-{shard}"}


c.Spawner.pre_spawn_hook = to_shard
