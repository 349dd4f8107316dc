#!/bin/bash
# Runs one file of reboots/ for each boot of a container whose /var/lib/sessiond outlives it; which is next stands in
# /result/boot. A file ends by rebooting the machine or by switching it off.
set -uo pipefail
. /scenario/container/library.sh
. /scenario/container/load.sh

boot=$(($(cat /result/boot) + 1))
echo "$boot" >/result/boot
touch /result/booted
# The journal lies in /run, so all of it is of this boot.
journal() {
  journalctl --sync
  journalctl --no-pager --unit "$1" "${@:2}"
}

# All that is known of the sessions, but for the time of the last use.
all_sessions() { sessionctl dump --socket "$socket" | sed 's/"expires":[0-9.]*,//' | LC_ALL=C sort; }
same_sessions() { diff <(cat /result/sessions) <(all_sessions); }

# hand_over: what was counted goes on in the next boot. The journal ends with this one.
hand_over() {
  echo "$passed $failed $skipped" >/result/count
  [ "$failed" -eq 0 ] || journalctl --no-pager --output short-monotonic >>/result/journal
}
[ ! -e /result/count ] || read -r passed failed skipped </result/count

case_file=$(printf '%s\n' /scenario/reboots/*.sh | sed -n "${boot}p")
echo "# $(basename "$case_file" .sh)"
. "$case_file"
