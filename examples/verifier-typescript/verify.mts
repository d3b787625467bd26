// Checks a receipt without Serai.    (Node 23.6 or later)
//   node verify.mts RECEIPT KEYLINE [OPENINGS]
// RECEIPT: the file as it was issued. KEYLINE: the log's public key, name+id+key, as published at /log/key.
// OPENINGS: what /v1/receipts/NUMBER/openings answered. Exit code 1: not genuine.
import { readFileSync } from "node:fs";
import { readVerifierKey, verifyReceipt, type Opening } from "./receipt.mts";

const [receipt, line, file] = process.argv.slice(2);
const openings = file ? (JSON.parse(readFileSync(file, "utf8")) as { openings: Opening[] }).openings : [];
const verdict = verifyReceipt(readFileSync(receipt), readVerifierKey(line), openings);
console.log(JSON.stringify(verdict, null, 2));
process.exitCode = verdict.genuine ? 0 : 1;
