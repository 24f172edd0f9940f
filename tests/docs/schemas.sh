#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The schemas in docs/ against what the programs write and read; schemas.py does it.
set -eu
if ! python3 -c 'import jsonschema' 2>/dev/null; then
	echo 'skipped: no jsonschema for Python (Debian: python3-jsonschema)'
	exit 77
fi
exec python3 -W ignore::DeprecationWarning "$(dirname "$0")/schemas.py"
