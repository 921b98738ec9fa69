"""Receives spans over OTLP/gRPC and writes each as a line of JSON.

    collect.py PORT FILE
"""

import json
import signal
import sys
import threading
from concurrent import futures

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace_pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as trace_grpc

KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"]


def text(value):
    return str(getattr(value, value.WhichOneof("value"))) if value.WhichOneof("value") else ""


class Traces(trace_grpc.TraceServiceServicer):
    def __init__(self, path):
        self.lines, self.lock = open(path, "w", buffering=1), threading.Lock()

    def Export(self, request, _context):
        for resource in request.resource_spans:
            names = {entry.key: text(entry.value) for entry in resource.resource.attributes}
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                line = {
                    "service": names.get("service.name", ""),
                    "name": span.name,
                    "kind": KINDS[span.kind],
                    "trace_id": span.trace_id.hex(),
                    "span_id": span.span_id.hex(),
                    "parent_id": span.parent_span_id.hex(),
                    "links": [f"{link.trace_id.hex()}-{link.span_id.hex()}" for link in span.links],
                    "attributes": {entry.key: text(entry.value) for entry in span.attributes},
                }
                with self.lock:
                    self.lines.write(json.dumps(line) + "\n")
        return trace_pb.ExportTraceServiceResponse()


server = grpc.server(futures.ThreadPoolExecutor(4))
trace_grpc.add_TraceServiceServicer_to_server(Traces(sys.argv[2]), server)
server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
server.start()
stopped = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopped.set())
print("ready", flush=True)
stopped.wait()
server.stop(1).wait()
