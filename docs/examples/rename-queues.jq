# Renames queues by a table, and drops the lines of those for which it has null:
#
#     ami-parse < dump.ami | track-outbound | track-parked | track-moh |
#       (trap '' INT; exec jq --unbuffered -Rr --argjson queues '{"q-acme":"sales-out","pk-default":"parked","q-test":null}' \
#         -f docs/examples/rename-queues.jq) | qlog-write
#
# The trap lets jq read on to the end after ^C. Run it in the folder that has docs/.
# Put it after the trackers: track-moh recognises a parked call by the pk- of its queue.
# With -R a line is read as a string, and with -r this string is written: all other lines pass as they came.

. as $line
# Most lines are not queue_log records, and parsing JSON is expensive.
| (if contains("\"queue_log\"") then (fromjson? // null) else null end) as $record
| (try ($record.queue_log.queuename | strings) catch null) // null
| . as $queue
| if $queue == null or ($queues | has($queue) | not) then $line
  elif $queues[$queue] == null then empty
  else $record | .queue_log.queuename = $queues[$queue] | tojson
  end
