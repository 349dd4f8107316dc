# A first installation: everything is there, and it serves.

check "the package is installed" package_dpkg --install "$old"
check "dpkg knows it" equal "installed $(version_of "$old")" "$(installed_version)"
dpkg --listfiles sessiond >/tmp/files
check "the service is active" active sessiond.service
check "the socket is active" active sessiond.socket
check "it answers" answers
for unit in sessiond.service sessiond.socket; do
  check "$unit is enabled" equal enabled "$(systemctl is-enabled "$unit")"
done
check "the daemon has its user" equal sessiond "$(stat -c %U "/proc/$(main_pid)")"
check "those who may connect have their group" getent group sessiond-clients
check "its directory is closed" equal "700 sessiond" "$(stat -c '%a %U' /var/lib/sessiond)"
check "the tool finds the daemon" sessionctl ping
check "files are what the package says" equal "" "$(dpkg --verify sessiond)"

# Without them no link of theirs would lead to nothing, either.
check "the documents are there" test -s /usr/share/doc/sessiond/README.md
links_to_nothing() {
  cd /usr/share/doc/sessiond &&
    grep -ohE '\]\([^)]+\)' ./*.md | sed 's/^](//; s/)$//; s/#.*//' | grep -vE '^$|^https:' | sort -u |
    while read -r file; do [ -e "$file" ] || echo "$file"; done
}
check "the documents' links lead to files of the package" equal "" "$(links_to_nothing)"

for page in sessiond.8 sessionctl.1 sessiond.conf.5 sessiond-protocol.7; do
  man_page() { man --warnings -l "/usr/share/man/man${page##*.}/$page.gz" >/tmp/page 2>/tmp/remarks && [ ! -s /tmp/remarks ]; }
  check "man shows $page" man_page
done
check "sessiond(8) has the options" grep -q -- '--max-memory size' <(man -l /usr/share/man/man8/sessiond.8.gz)
bash_completes() {
  bash -c '. /usr/share/bash-completion/completions/'"$1"' && complete -p '"$1"
}
for program in sessiond sessionctl; do
  check "bash completes $program" bash_completes "$program"
  # That these two can read them is what manual.sh tries.
  check "zsh finds completions for $program" test -s "/usr/share/zsh/vendor-completions/_$program"
  check "fish finds completions for $program" test -s "/usr/share/fish/vendor_completions.d/$program.fish"
done

check "systemd finds the unit well enough closed" systemd-analyze security --threshold=4 --no-pager sessiond.service
