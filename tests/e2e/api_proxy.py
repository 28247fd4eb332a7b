"""An API server's address -> a proxy before it, which a test can cut: then it is silent, as a network is.

Connections stay open and new ones are taken, but nothing goes through any more, so nobody is told that it is cut.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """A proxy that runs."""

    host: str
    port: int
    address: str = ""
    """Where clients reach it, host:port."""
    is_cut: threading.Event = field(default_factory=threading.Event)

    def cut(self) -> None:
        """Let nothing through any more."""
        self.is_cut.set()

    async def serve(self, ready: threading.Event, stopped: asyncio.Event) -> None:
        """Take connections until told to stop."""
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await stopped.wait()
        server.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self.host, self.port)
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                if self.is_cut.is_set():
                    await asyncio.get_running_loop().create_future()  # for ever
                target.write(data)
                await target.drain()
        except ConnectionError:
            pass  # the other direction ends as well
        finally:
            target.close()


@contextmanager
def proxied(host: str, port: int) -> Iterator[Proxy]:
    """A proxy before this address."""
    proxy, ready = Proxy(host, port), threading.Event()
    loop, stopped = asyncio.new_event_loop(), asyncio.Event()

    def work() -> None:
        loop.run_until_complete(proxy.serve(ready, stopped))
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=work, name="proxy", daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(10)
