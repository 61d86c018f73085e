#!/bin/bash
# Runs in a booted machine what comes through a virtio port, one command a line: an id and the command in base64.
# The answer: the id, the exit code, stdout and stderr in base64.
until [ -e /dev/virtio-ports/agent ]; do sleep 0.2; done
exec 3<>/dev/virtio-ports/agent
folder=$(mktemp -d)
echo "booted" >&3
while read -r id command <&3; do
    base64 -d <<<"$command" >"$folder/command"
    bash "$folder/command" >"$folder/stdout" 2>"$folder/stderr" </dev/null 3>&-
    code=$?
    echo "$id $code $(base64 -w0 "$folder/stdout") $(base64 -w0 "$folder/stderr")" >&3
done
