"""How gunicorn serves the site in a container: `gunicorn --config python:guildhall.config.gunicorn …`.

gunicorn itself reads WEB_CONCURRENCY for the number of processes.
"""

bind = "0.0.0.0:8000"
worker_class = "uvicorn_worker.UvicornWorker"
# In memory, since a file system that stalls would look like a process that does.
worker_tmp_dir = "/dev/shm"  # noqa: S108 — gunicorn makes its own private file there.
control_socket_disable = True
# A browser that holds a stream open must not delay the stop.
graceful_timeout = 5
# Whom to believe about an address is said once, by TRUSTED_PROXIES.
forwarded_allow_ips = ""
