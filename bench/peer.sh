#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The same quote by another implementation, when npm can be had: peer.sh FOLDER QUOTE COLLATERAL AT prints one line, its
# name, status and milliseconds; or says why not. It is installed into FOLDER and used for nothing else.
set -eu
package=@phala/dcap-qvl version=0.3.9
if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
	echo 'skipped: no npm'
	exit 0
fi
if [ ! -d "$1/node_modules/$package" ]; then
	timeout 120 npm install --prefix "$1" --ignore-scripts --no-audit --no-fund "$package@$version" >/dev/null 2>&1 || {
		echo "skipped: npm could not install $package"
		exit 0
	}
fi
NODE_PATH=$1/node_modules exec node "$(dirname "$0")/peer.js" "$package" "$2" "$3" "$4"
