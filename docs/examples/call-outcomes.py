#!/usr/bin/env python3
"""Says why nobody answered an outbound call: adds a queue_log line CALLSTATUS with the DialStatus
(BUSY, NOANSWER, CANCEL, CONGESTION, …) after its ABANDON.

    ami-parse < dump.ami | track-outbound | python3 call-outcomes.py | track-moh | qlog-write

All input passes on as it came, byte for byte. It needs Python 3.6 or later, and no library.
"""

import json
import signal
import sys

VERB = "CALLSTATUS"
END_VERBS = {"ABANDON", "COMPLETEAGENT", "COMPLETECALLER", "BLINDTRANSFER", "ATTENDEDTRANSFER"}
# No PBX has so many open calls. Above this the oldest call is forgotten, so that no input fills the memory.
MAX_CALLS = 10000
# The stages of ami-track write and read no longer lines.
MAX_LINE_BYTES = 8 * 1024 * 1024


class CallOutcomes:
    def __init__(self):
        self.dial_status_by_uniqueid = {}

    def lines_behind(self, line):
        """The lines to add after a line of the stream."""
        # Most lines are neither, and parsing JSON is expensive.
        if b'"queue_log"' not in line and b'"DialEnd"' not in line:
            return []
        record = parse(line)
        if record.get("Event") == "DialEnd":
            self.see_dial_end(record)
            return []
        queue_log = record.get("queue_log")
        return self.lines_behind_queue_log(queue_log) if is_sound(queue_log) else []

    def see_dial_end(self, event):
        uniqueid, status = event.get("Uniqueid"), event.get("DialStatus")
        # A header that comes twice is an array.
        if isinstance(uniqueid, str) and isinstance(status, str) and uniqueid in self.dial_status_by_uniqueid:
            self.dial_status_by_uniqueid[uniqueid] = status

    def lines_behind_queue_log(self, queue_log):
        # The callid of an outbound call is the Uniqueid of the calling channel, mostly with a colon before it.
        uniqueid = queue_log["callid"].lstrip(":")
        if queue_log["event"] == "CALLOUTBOUND":
            self.dial_status_by_uniqueid[uniqueid] = ""
            if len(self.dial_status_by_uniqueid) > MAX_CALLS:
                del self.dial_status_by_uniqueid[next(iter(self.dial_status_by_uniqueid))]
        elif queue_log["event"] in END_VERBS:
            status = self.dial_status_by_uniqueid.pop(uniqueid, "")
            if queue_log["event"] == "ABANDON" and status != "":
                known = {key: queue_log[key] for key in ("time", "callid", "queuename", "agent")}
                return [{"queue_log": dict(known, event=VERB, data=[status])}]
        return []


def parse(line):
    """The record in a line; an empty one if the line is not a record."""
    try:
        record = json.loads(line.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def refuse(constant):
    raise ValueError(constant + " is no JSON, though Python takes it")


def is_sound(queue_log):
    return (
        isinstance(queue_log, dict)
        and isinstance(queue_log.get("time"), (int, float))
        and 0 <= queue_log["time"] < 1e11
        and all(isinstance(queue_log.get(key), str) for key in ("callid", "queuename", "agent", "event"))
    )


def main():
    # ^C reaches the whole pipe. Read on to the end of the input, so that the last lines are not lost.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # When the reader has seen enough, this program ends quietly, like cat.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    outcomes = CallOutcomes()
    out = sys.stdout.buffer
    while True:
        line = sys.stdin.buffer.readline(MAX_LINE_BYTES + 1)
        if line == b"":
            return
        if len(line) > MAX_LINE_BYTES:
            sys.exit("call-outcomes.py: a line is longer than %d bytes: this is not a stream of records" % MAX_LINE_BYTES)
        out.write(line if line.endswith(b"\n") else line + b"\n")
        for record in outcomes.lines_behind(line):
            out.write(json.dumps(record).encode("ascii") + b"\n")
        # Live, the next line may be an hour away.
        out.flush()


main()
