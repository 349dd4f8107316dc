# The example of a timer that writes metrics for the node exporter.

examples=$(find /usr/share/doc/sessiond /usr/local/share/doc/sessiond -name 'sessiond-metrics.*.example' 2>/dev/null)
mkdir -p /etc/systemd/system
for example in $examples; do
  cp "$example" "/etc/systemd/system/$(basename "$example" .example)"
done
written=/var/lib/prometheus/node-exporter/sessiond.prom
# As Debian's prometheus-node-exporter has them: the directory is root's, the one above it is not.
mkdir -p "$(dirname "$written")"
chown app-user: /var/lib/prometheus
systemctl daemon-reload
check "the timer is enabled and started" systemctl enable --now --quiet sessiond-metrics.timer
check "which starts the daemon" active sessiond.service
check "the metrics are written" eventually 20 test -s "$written"
tells() { grep -qxF "$1" "$written"; }
check "with the number of sessions" tells 'sessiond_sessions 0'
check "everybody may read them" equal 644 "$(stat -c %a "$written")"
check "nothing half written is left" equal "$written" "$(echo "$(dirname "$written")"/*)"

ask 'SET s1 a 1' >/dev/null
check "and again after 15 seconds" eventually 30 tells 'sessiond_sessions 1'

systemctl kill --signal=KILL sessiond.service
came_back() { answers && active sessiond-metrics.timer; }
check "after a crash of the daemon the timer goes on" eventually 10 came_back
check "and tells of what was taken over" eventually 30 tells 'sessiond_adopted_sessions 1'

systemctl stop sessiond.service
stopped() { equal inactive "$(property "$1" ActiveState)"; }
check "it stops with the daemon" eventually 5 stopped sessiond-metrics.timer
refused() { ! systemctl start sessiond-metrics.service; }
check "to ask for metrics is refused then" refused
check "and does not start the daemon" stopped sessiond.service

systemctl disable --quiet sessiond-metrics.timer
rm -f /etc/systemd/system/sessiond-metrics.*
rm -rf /var/lib/prometheus
systemctl daemon-reload
systemctl reset-failed
