#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Assay's tokens and another implementation of JSON Web Tokens; jwt_interop.py does it, by a Python that has PyJWT.
set -eu
for python in python3 /usr/bin/python3; do
	if "$python" -c 'import jwt, cryptography' 2>/dev/null; then
		exec "$python" "$(dirname "$0")/jwt_interop.py"
	fi
done
echo 'skipped: no PyJWT (Debian: python3-jwt, python3-cryptography)'
exit 77
