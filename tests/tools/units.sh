#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# systemd's own opinion of the units that are installed, and what they must say whatever it thinks.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0

must()
{
	grep -qx -- "$2" "$1" || { echo "FAILED: $1 does not say: $2"; exit 1; }
	passed=$((passed + 1))
}

for unit in assay-attest assay-attest-watch; do
	file=$ASSAY_BUILD/data/systemd/$unit.service
	must "$file" 'NoNewPrivileges=yes'
	must "$file" 'ProtectSystem=strict'
	must "$file" 'CacheDirectory=assay'
	must "$file" 'UnsetEnvironment=ASSAY_ANCHORS .*'
	must "$file" 'After=.*nvidia-persistenced.service nvidia-fabricmanager.service'
	must "$file" 'ExecStart=/.*/assay attest.*'
	! grep -q '@' "$file" || { echo "FAILED: $file has an @ left"; exit 1; }
	# not installed yet: the program that was built stands in
	sed "s|^Exec\(Start\)=[^ ]*/assay |Exec\1=$ASSAY_BUILD/assay |" "$file" >"$work/$unit.service"
done
must "$ASSAY_BUILD/data/systemd/assay-attest-watch.service" 'Type=notify'
must "$ASSAY_BUILD/data/systemd/assay-attest.service" 'Type=oneshot'

if ! command -v systemd-analyze >/dev/null; then
	echo 'skipped: systemd-analyze is not there'
elif ! systemd-analyze verify --man=no "$work"/assay-attest.service "$work"/assay-attest-watch.service >"$work/said" 2>&1 ||
	grep -q assay-attest "$work/said"; then
	cat "$work/said"
	echo 'FAILED: systemd-analyze verify'
	exit 1
else
	passed=$((passed + 1))
fi
echo "$passed passed, 0 failed"
