// Checks a receipt without Serai.    (Node 23.6 or later)
//   node verify.mts RECEIPT KEYLINE [OPENINGS] [--witness-key KEYLINE]... [--quorum N]
// RECEIPT: the file as it was issued. KEYLINE: the log's public key, name+id+key, as published at /log/key.
// OPENINGS: what /v1/receipts/NUMBER/openings answered. --witness-key: public keys of witnesses, and --quorum: how
// many of them must have signed the checkpoint. Exit code 1: not genuine.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readVerifierKey, verifyReceipt, type Opening } from "./receipt.mts";

const { values, positionals: [receipt, line, file] } = parseArgs({
  allowPositionals: true,
  options: { "witness-key": { type: "string", multiple: true, default: [] }, quorum: { type: "string", default: "0" } },
});
const openings = file ? (JSON.parse(readFileSync(file, "utf8")) as { openings: Opening[] }).openings : [];
const witnesses = values["witness-key"].map((key) => readVerifierKey(key, 4));
const verdict = verifyReceipt(readFileSync(receipt), readVerifierKey(line), openings, witnesses, Number(values.quorum));
console.log(JSON.stringify(verdict, null, 2));
process.exitCode = verdict.genuine ? 0 : 1;
