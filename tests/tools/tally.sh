#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tools/tally against logs as Meson writes them.
set -eu
tally=${ASSAY_SOURCE:?}/tools/tally
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0

# program RESULT LINE...: one section of the log
program()
{
	printf '%s\ntest:         some-name\nstart time:   01:02:03\nduration:     0.01s\nresult:       %s\n' \
		'=================================== 1/2 ====================================' "$1"
	shift
	printf 'command:      X=1 test-some-name\n%s\n' \
		'----------------------------------- stderr -----------------------------------'
	printf '%s\n' "$@" \
		'==============================================================================' ''
}

# gives STATUS LAST: what tally makes of the log
gives()
{
	got=0
	out=$("$tally" --log "$log") || got=$?
	last=$(printf '%s\n' "$out" | tail -n 1)
	if [ "$got" -eq "$1" ] && [ "$last" = "$2" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'wanted %s and "%s", got %s and: %s\n' "$1" "$2" "$got" "$out"
	fi
}

ran='[==========] Running 3 test(s).'
good='[  PASSED  ] 3 test(s).'

program 'exit status 0' "$ran" "$good" >"$log"
gives 0 '3 passed, 0 failed'
{ program 'exit status 0' "$ran" "$good"; program 'exit status 0' "$good"; } >"$log"
gives 0 '6 passed, 0 failed'
program 'exit status 0' "$good" "$good" >"$log"
gives 0 '6 passed, 0 failed'
program 'exit status 0' "$ran" '[  PASSED  ] 2 test(s).' '[  SKIPPED ] 1 test(s), listed below:' '[  SKIPPED ] one' >"$log"
gives 0 '2 passed, 0 failed, 1 skipped'
program 'exit status 1' "$ran" '[  PASSED  ] 2 test(s).' '[  FAILED  ] 1 test(s), listed below:' '[  FAILED  ] one' >"$log"
gives 1 '2 passed, 1 failed'
program '(killed by signal 11 SIGSEGV)' "$ran" '[ RUN      ] one' >"$log"
gives 1 '0 passed, 1 failed'
program 'exit status 1' "$ran" "$good" 'LeakSanitizer: detected memory leaks' >"$log"
gives 1 '3 passed, 1 failed'
program 'exit status 0' 'a script that says nothing' >"$log"
gives 0 '1 passed, 0 failed'
program 'exit status 77' 'not here' >"$log"
gives 1 '0 passed, 0 failed, 1 skipped'
program 'exit status 0' '4 passed, 0 failed' >"$log"
gives 0 '4 passed, 0 failed'
program 'exit status 0' '[==========] Running 0 test(s).' >"$log"
gives 1 '0 passed, 1 failed'
program 'exit status 0' '0 passed, 0 failed' >"$log"
gives 1 '0 passed, 1 failed'
printf 'Log of Meson test suite run\n' >"$log"
gives 1 '0 passed, 0 failed'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
