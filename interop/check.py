"""Sends three requests through the chain and holds what arrived at the collector against the story.

    check.py SPANS-FILE TRACED-PORT STRIPPING-PORT FRONT-PORT
"""

import json
import sys
import time
import urllib.request

path, traced, stripping, front = sys.argv[1], *map(int, sys.argv[2:])
failures = []


def get(port, target, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{target}", headers=headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def spans_of(trace_id, count):
    """Waits until so many spans of a trace have arrived."""
    for _ in range(100):
        with open(path) as lines:
            spans = [json.loads(line) for line in lines if line.endswith("\n")]
        spans = [span for span in spans if span["trace_id"] == trace_id]
        if len(spans) >= count:
            return spans
        time.sleep(0.2)
    return spans


def check(what, found, expected):
    print(f"{'ok  ' if found == expected else 'FAIL'} {what}: {found}")
    if found != expected:
        failures.append(what)


# One request through everything. Each hop has the parent that called it.
CHAIN = ["node server", "python client", "python server", "back client", "back server",
         "front client", "front server", "edge server"]
trace_id = get(traced, "/chain", baggage="tenant=acme")["trace_id"]
spans = spans_of(trace_id, 14)
by_id = {span["span_id"]: span for span in spans}
ends = [span for span in spans if span["service"] == "node"]
check("items of the stream that reached the end", len(ends), 2)
for end in ends:
    hops, span = [], end
    while span:
        hops.append(f"{span['service']} {span['kind']}")
        parent, span = span["parent_id"], by_id.get(span["parent_id"])
    check("from the end to the edge", hops, CHAIN)
    check("the first has no parent", parent, "")
    check("baggage at the end", end["attributes"].get("baggage"), "tenant=acme")
check("spans of the trace", len(spans), 14)

# A gateway that strips the headers, in front of two services that share a key.
request_id = "125891a7-0c9e-4d6b-8f4e-2a1b3c4d5e6f"
lost = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
answers = [get(stripping, f"/{service}/ids", x_request_id=request_id, traceparent=lost)
           for service in ("front", "side")]
check("reconstructed from", {answer["reconstructed"] for answer in answers}, {"request_id"})
check("traces it became", len({answer["trace_id"] for answer in answers}), 1)
spans = spans_of(answers[0]["trace_id"], 2)
check("services in it", sorted(span["service"] for span in spans), ["front", "side"])
check("parents in it", len({span["parent_id"] for span in spans}), 1)
check("marked", {span["attributes"].get("trace.reconstructed") for span in spans}, {"True"})

# Two formats that disagree.
w3c, b3 = "4bf92f3577b34da6a3ce929d0e0e4736", "80f198ee56343ba864fe8b2a57d3eff7"
answer = get(front, "/ids", traceparent=f"00-{w3c}-00f067aa0ba902b7-01",
             b3=f"{b3}-e457b5a2e4d86bd1-1")
check("the first format wins", answer["trace_id"], w3c)
(span,) = spans_of(w3c, 1)
check("the other is linked", span["links"], [f"{b3}-e457b5a2e4d86bd1"])

sys.exit(f"{len(failures)} failed" if failures else 0)
