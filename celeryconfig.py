"""Settings of Celery, each with its reason. The broker's address is not here: it comes with our own settings."""

from vnx_jobs.adapters.celery.bell import QUEUE

# Messages hold two words, a job id and a place: JSON is enough, and nothing else is accepted.
task_serializer = "json"
accept_content = ["json"]
result_serializer = "json"

# The record is the truth: nobody reads a task's result, but for those of workers.submitting.
task_ignore_result = True
task_store_errors_even_if_ignored = False
# An answer of those waits for a state server that is away; without it the sender would be told of a broken connection.
result_backend_always_retry = True
result_backend_max_retries = 20

# A message is only a doorbell: losing one costs a second (the sweep rings again), but a worker that holds unacked
# messages exits when the broker goes away, and redelivers them late. Requests of others (workers.submitting) are no
# doorbells, and are acknowledged late.
task_acks_late = False
worker_prefetch_multiplier = 1

# Time limits of threads are ignored and threads cannot be ended; a prefork child can.
worker_pool = "prefork"

# One queue of our own, so that another Celery application may use the same server.
task_default_queue = QUEUE

# The state server may come up after the workers, and may go away and come back.
broker_connection_retry_on_startup = True
broker_connection_retry = True
broker_connection_max_retries = None

# A step in flight outlives the loss of the broker: its record says what became of it.
worker_cancel_long_running_tasks_on_connection_loss = False

# Structured logs are set up by workers.process; Celery's own would break the lines.
worker_hijack_root_logger = False
worker_redirect_stdouts = False

# Nobody listens to Celery's events: ours are in the event stream, committed with the record.
worker_send_task_events = False
task_send_sent_event = False

# SIGTERM is workers.stopping's: it gives the commands in flight ten seconds. This one would only delay SIGQUIT, which
# without it kills what is in flight at once.
worker_soft_shutdown_timeout = 0.0

# Dates are kept in milliseconds UTC.
enable_utc = True
timezone = "UTC"
