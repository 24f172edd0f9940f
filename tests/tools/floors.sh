#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tools/floors against a small house with one violation at a time.
set -eu
floors=${ASSAY_SOURCE:?}/tools/floors
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
passed=0 failed=0

# says NAME STATUS TEXT COMMAND...: the command ends with STATUS, and prints TEXT when that is not empty.
says()
{
	name=$1 status=$2 text=$3
	shift 3
	got=0
	out=$("$@" 2>&1) || got=$?
	if [ "$got" -eq "$status" ] && case $out in *"$text"*) ;; *) false ;; esac; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s: status %s, said: %s\n' "$name" "$got" "$out"
	fi
}

house()
{
	rm -rf "${top:?}/house"
	mkdir -p "$top/house/include/assay" "$top/house/sim/forge"
	for folder in base format crypto verify report http cmd; do
		mkdir -p "$top/house/src/$folder"
		: >"$top/house/src/$folder/$folder.h"
	done
	: >"$top/house/include/assay/err.h"
	: >"$top/house/sim/forge/forge.h"
}

# include STATUS FILE INCLUDED TEXT
include()
{
	house
	printf '/* x */\n#include %s\n' "$3" >"$top/house/$2"
	says "$2 includes $3" "$1" "$4" "$floors" "$top/house"
}

include 0 src/verify/x.c '"base/base.h"' ''
include 0 src/verify/x.c '"verify.h"' ''
include 0 src/verify/x.c '"verify/verify.h"' ''
include 0 src/verify/x.c '"crypto/crypto.h"' ''
include 0 src/base/x.c '<assay/err.h>' ''
include 0 src/base/x.c '<stdio.h>' ''
include 0 sim/forge/x.c '"format/format.h"' ''
include 0 sim/forge/x.c '"http/http.h"' ''
include 0 sim/forge/x.c '"forge/forge.h"' ''
include 0 sim/forge/x.c '"sim/forge/forge.h"' ''
include 1 src/base/x.c '"format/format.h"' 'src/base/x.c:2: base (floor 0) does not see format (floor 1)'
include 1 src/format/x.c '"crypto/crypto.h"' 'format (floor 1) does not see crypto (floor 1)'
include 1 src/verify/x.h '"report/report.h"' 'verify (floor 2) does not see report (floor 3)'
include 1 src/report/x.c '"../cmd/cmd.h"' 'no file of this tree'
include 1 src/cmd/x.c '"forge/forge.h"' 'src knows nothing of sim'
include 1 src/cmd/x.c '"sim/forge/forge.h"' 'src knows nothing of sim'
include 1 src/base/x.c '"absent.h"' 'no file of this tree'
include 1 src/base/x.c '<assay/absent.h>' 'does not exist'
include 1 sim/forge/x.c '"verify/verify.h"' 'sim sees floors 0 and 1'
include 1 include/assay/x.h '"base/base.h"' 'public headers only'

house
mkdir "$top/house/src/novel"
echo '#include "base/base.h"' >"$top/house/src/novel/x.c"
says 'a folder on no floor' 1 'src/novel stands on no floor' "$floors" "$top/house"
says 'no house' 2 'has no src/base' "$floors" "$top"

# symbol STATUS CODE TEXT
symbol()
{
	rm -f "$top/x.o" "$top/x.a"
	printf '%s\n' "$2" | ${CC:-cc} -O2 -fPIC -x c -c -o "$top/x.o" -
	ar rcs "$top/x.a" "$top/x.o"
	says "$2" "$1" "$3" "$floors" --symbols "$top/x.a"
}

symbol 0 'const int table[] = { 1, 2 }; int twice(int x) { return 2 * x; }' ''
symbol 0 'const char *const words[] = { "a", "b" };' ''
symbol 0 '#include <stdio.h>
int f(char *s, int n) { return snprintf(s, 9, "%d", n); }' ''
symbol 1 '#include <time.h>
time_t f(void) { return time(NULL); }' 'x.o: the core calls time'
symbol 1 '#include <stdlib.h>
char *f(void) { return getenv("HOME"); }' 'the core calls getenv'
symbol 1 '#define _FILE_OFFSET_BITS 64
#include <fcntl.h>
int f(const char *s) { return open(s, 0); }' 'the core calls open'
symbol 1 'int __open_2(const char *, int);
int f(const char *s) { return __open_2(s, 0); }' 'the core calls __open_2'
symbol 1 '#define _FORTIFY_SOURCE 2
#include <stdio.h>
void f(int n) { printf("%d", n); }' 'the core calls __printf_chk'
symbol 1 'static int calls; int f(void) { return calls++; }' 'a variable that can be written: calls'
symbol 1 'int counter = 3;' 'a variable that can be written: counter'
says 'no archive' 2 'no archive' "$floors" --symbols "$top/absent.a"
says 'no word' 2 'usage' "$floors"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
