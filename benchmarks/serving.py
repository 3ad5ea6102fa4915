"""What takes the events of a measurement, on SQLite or beside PostgreSQL and Redis."""

import contextlib

from backends import Postgres, Redis
from server import Production, Server


@contextlib.contextmanager
def serving(options, folder, pipelines):
    """The server that takes the events: a dispatcher with a worker beside it where `options.production` says so."""
    programs, data = options.programs.absolute(), folder / "data"
    with contextlib.ExitStack() as stack:
        if options.production:
            postgres, redis = Postgres(folder), Redis(folder)
            stack.callback(postgres.stop)
            stack.callback(redis.stop)
            print(f"{postgres.describe()}\n{redis.describe()}; one dispatcher, one worker")
            production = Production(programs, data, pipelines, postgres, redis)
            stack.callback(production.stop)
            yield production.dispatchers[0]
        else:
            server = Server(programs, data, pipelines)
            stack.callback(server.stop)
            yield server
