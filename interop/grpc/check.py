"""The gRPC layers against grpcio, directly and through Envoy.

Both ends of every call are asked how it ended: what grpcio told its user, or was told by it, is held
against what the layer printed. Run by run.sh, which builds the two examples.

    check.py EXAMPLES_FOLDER [ENVOY]
"""

import concurrent.futures
import pathlib
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time

import grpc

HEALTH = "grpc.health.v1.Health"
failures = []


def check(what, found, expected):
    ok = found == expected
    print(("ok   " if ok else "FAIL ") + what + ("" if ok else f": {found}, not {expected}"))
    if not ok:
        failures.append(what)


def request(service):
    name = service.encode()
    return b"\x0a" + bytes([len(name)]) + name if name else b""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Lines:
    """What a process prints, line by line."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.strip())

    def next(self):
        try:
            return self.lines.get(timeout=20)
        except queue.Empty:
            return "nothing"


def client_calls(channel):
    """What grpcio tells its user of each way to ask, and what the Rust server is to print."""

    def unary(method, service, timeout=None):
        call = channel.unary_unary(f"/{HEALTH}/{method}")
        try:
            call(request(service), timeout=timeout)
            return "OK"
        except grpc.RpcError as error:
            return error.code().name

    def stream(service, enough=None, timeout=None):
        messages = channel.unary_stream(f"/{HEALTH}/Watch")(request(service), timeout=timeout)
        got = 0
        try:
            for _ in messages:
                got += 1
                if got == enough:
                    messages.cancel()
            return got, "OK"
        except grpc.RpcError as error:
            return got, error.code().name

    yield "unary", unary("Check", ""), "OK", "Health/Check ok OK 1 1"
    yield "unary error", unary("Check", "missing"), "NOT_FOUND", "Health/Check client_error NOT_FOUND 0 1"
    yield "unary denied", unary("Check", "denied"), "PERMISSION_DENIED", "Health/Check denied PERMISSION_DENIED 0 1"
    # tonic has a timer too, and says CANCELLED when that is first.
    yield "deadline", unary("Check", "slow", 0.3), ("DEADLINE_EXCEEDED", "CANCELLED"), "Health/Check timeout DEADLINE_EXCEEDED 0 1"
    # The server resets the stream with CANCEL; a proxy may say so in its own words.
    yield "panic", unary("Check", "panic"), ("CANCELLED", "UNAVAILABLE"), "Health/Check panic INTERNAL 0 1"
    yield "stream", stream(""), (3, "OK"), "Health/Watch ok OK 3 1"
    yield "stream error", stream("missing"), (3, "NOT_FOUND"), "Health/Watch client_error NOT_FOUND 3 1"
    yield "cancelled", stream("slow", enough=3), (3, "CANCELLED"), "Health/Watch client_disconnect CANCELLED 3 1"
    # The caller's deadline passes in a stream, which tonic does not end: grpcio resets it.
    yield "deadline in stream", stream("slow", timeout=0.5), (3, "DEADLINE_EXCEEDED"), "Health/Watch timeout DEADLINE_EXCEEDED 3 1"
    yield "unknown method", unary("Guess", ""), "UNIMPLEMENTED", "grpc server_error UNIMPLEMENTED 0 0"


def python_client(where, address, server):
    with grpc.insecure_channel(address) as channel:
        for name, told, expected, line in client_calls(channel):
            if isinstance(expected, tuple) and isinstance(expected[0], str):
                told, expected = told in expected, True
            check(f"{where}: grpcio client, {name}: told", told, expected)
            check(f"{where}: grpcio client, {name}: server", server.next().replace("grpc.health.v1.", ""), line)


class AsAsked(grpc.GenericRpcHandler):
    """The same health service, by grpcio."""

    @staticmethod
    def answer(asked, context):
        if b"slow" in asked:
            time.sleep(2)
        if b"missing" in asked:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such service")
        if b"raise" in asked:
            raise ValueError("asked to")
        return b"\x08\x01"

    def watch(self, asked, context):
        for _ in range(3):
            yield b"\x08\x01"
        self.answer(asked, context)

    def service(self, details):
        if details.method.endswith("/Check"):
            return grpc.unary_unary_rpc_method_handler(self.answer)
        if details.method.endswith("/Watch"):
            return grpc.unary_stream_rpc_method_handler(self.watch)
        return None


def rust_client(where, address, example):
    for name, arguments, expected in [
        ("unary", ["Check", ""], "ok OK - 1 1"),
        ("unary error", ["Check", "missing"], "client_error NOT_FOUND NOT_FOUND 1 0"),
        ("server raised", ["Check", "raise"], "server_error UNKNOWN UNKNOWN 1 0"),
        ("deadline", ["Check", "slow", "300"], "timeout DEADLINE_EXCEEDED DEADLINE_EXCEEDED 1 0"),
        ("stream", ["Watch", ""], "ok OK - 1 3"),
        ("stream error", ["Watch", "missing"], "client_error NOT_FOUND NOT_FOUND 1 3"),
    ]:
        client = Lines(example, f"http://{address}", *arguments)
        check(f"{where}: grpcio server, {name}: client", client.next(), expected)
        client.process.wait(timeout=20)
    client = Lines(example, f"http://127.0.0.1:{free_port()}", "Check", "")
    check(f"{where}: nobody listens: client", client.next(), "server_error UNAVAILABLE connect 0 0")


def envoy_before(envoy, folder, upstream):
    """A plain HTTP/2 proxy before a gRPC server."""
    port = free_port()
    config = folder / f"envoy-{port}.yaml"
    config.write_text(
        (pathlib.Path(__file__).parent / "envoy.yaml").read_text().replace("LISTEN", str(port)).replace("UPSTREAM", str(upstream))
    )
    process = subprocess.Popen([envoy, "-c", str(config), "--use-dynamic-base-id", "-l", "error"], stderr=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return process, f"127.0.0.1:{port}"
        time.sleep(0.1)
    raise SystemExit("Envoy does not listen")


def main():
    examples = pathlib.Path(sys.argv[1])
    envoy = sys.argv[2] if len(sys.argv) > 2 else None
    started = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            server = Lines(str(examples / "health_server"), "127.0.0.1:0")
            started.append(server.process)
            address = server.next().removeprefix("listening ")
            python = grpc.server(concurrent.futures.ThreadPoolExecutor(8), handlers=(AsAsked(),))
            python_port = python.add_insecure_port("127.0.0.1:0")
            python.start()
            ways = [("direct", address, f"127.0.0.1:{python_port}")]
            if envoy:
                before_rust, rust_address = envoy_before(envoy, pathlib.Path(folder), address.rsplit(":")[-1])
                started.append(before_rust)
                before_python, python_address = envoy_before(envoy, pathlib.Path(folder), python_port)
                started.append(before_python)
                ways.append(("Envoy", rust_address, python_address))
            for where, to_rust, to_python in ways:
                python_client(where, to_rust, server)
                rust_client(where, to_python, str(examples / "health_client"))
            python.stop(0)
        finally:
            for process in started:
                process.terminate()
    print(f"{len(failures)} failures")
    sys.exit(bool(failures))


main()
