// SPDX-License-Identifier: Apache-2.0
//
// peer.js PACKAGE QUOTE COLLATERAL AT: median time of one verification, everything cold but the interpreter.
'use strict';
const fs = require('fs');
const [name, quoteFile, collateralFile, at] = process.argv.slice(2);
const quote = fs.readFileSync(quoteFile);
const text = fs.readFileSync(collateralFile, 'utf8');
const peer = require(name);
const took = [];
let status;

for (let i = 0; i < 25; i++) {
	const start = process.hrtime.bigint();

	status = peer.verify(quote, JSON.parse(text), Number(at)).status;
	if (i >= 5) // the first ones warm the interpreter
		took.push(Number(process.hrtime.bigint() - start) / 1e6);
}
took.sort((a, b) => a - b);
console.log(`${name} ${status} ${took[took.length >> 1].toFixed(3)}`);
