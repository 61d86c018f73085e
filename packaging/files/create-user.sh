if ! getent passwd ami-track >/dev/null; then
    if command -v useradd >/dev/null; then
        useradd --system --user-group --no-create-home --home-dir /var/lib/ami-track --shell /usr/sbin/nologin \
            --comment ami-track ami-track
    elif command -v systemd-sysusers >/dev/null; then
        echo 'u ami-track - "ami-track" /var/lib/ami-track /usr/sbin/nologin' | systemd-sysusers -
    else
        echo 'ami-track: useradd and systemd-sysusers are missing, so the service has no user. Create the user ami-track' >&2
    fi
fi
# Asterisk's queue_log may be for its group alone: see --queuelog-tail.
if getent group asterisk >/dev/null && getent passwd ami-track >/dev/null; then
    usermod --append --groups asterisk ami-track
fi
