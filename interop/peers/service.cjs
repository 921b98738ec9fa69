// A Node service with the OpenTelemetry SDK: the last of the chain.
//
//     OTEL_SERVICE_NAME=node OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317 node service.cjs PORT
const http = require('node:http');
const { context, propagation, SpanKind, trace } = require('@opentelemetry/api');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-grpc');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');

const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': process.env.OTEL_SERVICE_NAME }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();
const tracer = trace.getTracer('service');

const server = http.createServer((request, response) => {
  const caller = propagation.extract(context.active(), request.headers);
  const span = tracer.startSpan('GET /end', { kind: SpanKind.SERVER }, caller);
  const baggage = propagation.getBaggage(caller)?.getAllEntries() ?? [];
  span.setAttribute('baggage', baggage.map(([key, entry]) => `${key}=${entry.value}`).join());
  response.end('{}');
  span.end();
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
process.on('SIGTERM', () => {
  server.close();
  provider.shutdown().finally(() => process.exit(0));
});
