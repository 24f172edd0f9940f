#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A test that is written in Python and needs more than its standard library: run by the first Python that has the
# modules, since the first on PATH need not be the one that packages are installed for.
#
#	tests/python.sh SCRIPT MODULES PACKAGES    MODULES as import takes them
set -eu
for python in python3 /usr/bin/python3; do
	if "$python" -c "import $2" 2>/dev/null; then
		exec "$python" -W ignore::DeprecationWarning "$1"
	fi
done
echo "skipped: no Python with $2 (Debian: $3)"
exit 77
