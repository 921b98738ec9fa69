"""A Python service with the OpenTelemetry SDK: GET /work calls on to the next service.

    OTEL_SERVICE_NAME=python OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317 service.py PORT NEXT-URL
"""

import signal
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry import context, propagate, trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(insecure=True)))
tracer = provider.get_tracer("service")
port, following = int(sys.argv[1]), sys.argv[2]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        caller = propagate.extract({name.lower(): value for name, value in self.headers.items()})
        # Baggage is in the context and not in its span, so the context has to be current as well.
        attached = context.attach(caller)
        with tracer.start_as_current_span("GET /work", kind=trace.SpanKind.SERVER):
            with tracer.start_as_current_span("GET", kind=trace.SpanKind.CLIENT):
                headers = {}
                propagate.inject(headers)
                with urllib.request.urlopen(urllib.request.Request(following, headers=headers)) as answer:
                    body = answer.read()
        context.detach(attached)
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print("ready", flush=True)
server.serve_forever()
provider.shutdown()
