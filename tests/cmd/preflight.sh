#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# assay setup before a driver is installed: are there reference values for it? Asked of the emulator's RIM service, of a bundle,
# of nobody. The tree is the emulated machine's, with its driver taken out.
set -eu

if [ "${1:-}" != inside ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	"$ASSAY_BUILD/assay" sim run --no-fuse -- "$0" inside "$work"
	exit
fi
work=$2
assay=$ASSAY_BUILD/assay
passed=0 failed=0

cp -a "$ASSAY_ROOT" "$work/tree"
rm -rf "$work/tree/proc/driver/nvidia" "$work/tree/sys/module/nvidia"
for file in "$work"/tree/lib/modules/*/modules.dep; do
	sed -i /nvidia/d "$file"
done
# The data files, with another driver in the place of a profile's
data()
{
	mkdir -p "$work/data"
	cp "$ASSAY_SOURCE"/data/*.json "$work/data"
	sed -i "s/550\.144\.03/$1/" "$work/data/matrix.json" "$work/data/downloads.json"
	sed -i "s|x86_64-550\.144\.03\.run|x86_64-$1.run|" "$work/data/downloads.json"
}

# row NAME STATUS TEXT OPTION...: a plan ends with STATUS, and a line of it has TEXT
row()
{
	name=$1 want=$2 text=$3 got=0
	shift 3
	timeout 120 "$assay" setup plan --root "$work/tree" --profile single --ready=unconditional --data "$work/data" "$@" \
		>"$work/out" 2>"$work/err" || got=$?
	if [ "$got" -eq "$want" ] && grep -qE -- "$text" "$work/out"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED %s: status %d for %d, or no line %s\n' "$name" "$got" "$want" "$text"
		sed -n '1,20p' "$work/out" "$work/err"
	fi
}

data 580.159.03
row 'nobody is asked' 0 '^  ATT-05   unknown +whether there is a NV_GPU_DRIVER_GH100_580.159.03 nobody was asked'
row 'the service has it' 0 '^  ATT-05   pass +NV_GPU_DRIVER_GH100_580.159.03 is there: the RIM service has it' --online
"$assay" collect --format assay --device gpu -q -o "$work/evidence.json"
"$assay" gather --no-cache -o "$work/bundle.json" "$work/evidence.json"
row 'a bundle has it' 0 '^  ATT-05   pass .*: a bundle has it' --collateral "$work/bundle.json"
ASSAY_RIM_URL=http://127.0.0.1:9 row 'the service is down' 0 '^  ATT-05   unknown +whether there is .* is not known' --online
ASSAY_RIM_URL=http://127.0.0.1:9 row 'a bundle needs no service' 0 '^  ATT-05   pass' --online --collateral "$work/bundle.json"
data 570.172.08
row 'of another driver' 0 '^  ATT-05   unknown .*no bundle that was named has it' --collateral "$work/bundle.json"
"$assay" sim ctl fault rim-service-absent
row 'the service has it not' 5 '^  ATT-05   fail +there is no NV_GPU_DRIVER_GH100_570.172.08, so no GPU with driver 570.172.08 is' --online
row 'and that is said' 5 '^Refused: there is no NV_GPU_DRIVER_GH100_570.172.08.*; choose a driver that has one, or --no-software' --online
row 'no flag goes on' 5 '^Refused: ' --online --force
row 'settings alone' 0 '^boot settings|^start|^software' --online --no-software
grep -q 'ATT-05' "$work/out" && { failed=$((failed + 1)); echo 'FAILED settings alone: asked'; }
[ ! -e "$work/tree/var/lib/assay" ] || { failed=$((failed + 1)); echo 'FAILED: a plan made a folder'; }
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
