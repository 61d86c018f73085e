# Of 0.1.0, or of the vendor's tracker: it goes on there as long as the file is the service's and can be written.
if grep -Eqs "^LOGFILE=[\"']?/var/log/asterisk/" @SETTINGS@; then
    echo 'ami-track: LOGFILE is in /var/log/asterisk. The service cannot create a new file there after a rotation.' \
        'Write LOGFILE=/var/log/ami-track/ami-track.log in @SETTINGS@.' >&2
fi
