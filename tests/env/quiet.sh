#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# assay doctor opens nothing for writing, changes no name and uses no network, on this machine and on an emulated one, and
# neither does assay setup plan: by strace. Skipped, and says why, without strace or where it may not trace.
set -eu

assay=$ASSAY_BUILD/assay
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

skip()
{
	echo "skipped: $1"
	exit 77
}

command -v strace >/dev/null || skip "there is no strace"
strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"

# Where the sanitizers are built in: leaks cannot be looked for under a tracer.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"

# What would write, change a name or talk to the network. Devices that are asked are opened for both directions; a build
# for coverage keeps its counts (.gcda).
judge()
{
	if grep -E 'open(at|at2)?\(.*(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND)' "$1" |
		grep -vE '"(/dev/null|(/?)dev/(tdx_guest|tdx-guest|nvidia[^"]*))"|ENOENT|[.]gcda"'; then
		echo "$2: opened for writing"
		exit 1
	fi
	if grep -E '(unlink|rename|mkdir|rmdir|link|symlink|mknod|truncate|chmod|chown|utimens|setxattr|mount|umount2?)(at|at2)?\(' "$1" |
		grep -v readlink; then
		echo "$2: changed a name"
		exit 1
	fi
	if grep -E 'socket\(AF_(INET|INET6|VSOCK|PACKET)' "$1"; then
		echo "$2: used the network"
		exit 1
	fi
	grep -q '/sys/bus/pci/devices\|sys/bus/pci/devices' "$1" || { echo "$2: looked at nothing"; exit 1; }
}

trace="strace -f -qq -e trace=%file,%network,%desc -o"

$trace "$scratch/here" "$assay" doctor -v >"$scratch/report" || [ $? -lt 7 ]
judge "$scratch/here" "this machine"

mkdir -p "$scratch/tree/proc/sys/kernel" "$scratch/tree/etc"
echo 5.10.134-18.al8.x86_64 >"$scratch/tree/proc/sys/kernel/osrelease"
find "$scratch/tree" -exec stat -c '%n %s %Y %Z' {} + | sort >"$scratch/before"
$trace "$scratch/tree.log" "$assay" doctor --profile ppcie --root "$scratch/tree" >"$scratch/report" || [ $? -lt 7 ]
judge "$scratch/tree.log" "a tree"
find "$scratch/tree" -exec stat -c '%n %s %Y %Z' {} + | sort >"$scratch/after"
cmp "$scratch/before" "$scratch/after"

# A plan with steps, and so with what is looked at before them.
# shellcheck disable=SC2016 # the variable is the emulator's
"$assay" sim run --no-fuse -- sh -c 'cp -a "$ASSAY_ROOT" "$0"' "$scratch/emulated"
rm -rf "$scratch/emulated/proc/driver/nvidia"
$trace "$scratch/plan.log" "$assay" setup plan --root "$scratch/emulated" --profile single --ready=unconditional >"$scratch/report"
grep -q '^preflight' "$scratch/report" || { echo "no preflight"; exit 1; }
judge "$scratch/plan.log" "a plan"
echo "3 passed, 0 failed"
