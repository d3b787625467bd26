// Checks receipts of a Serai log offline. Written from docs/reference/receipt.md alone; node:crypto, no dependencies.
import { createHash, createPublicKey, verify } from "node:crypto";

export interface Opening { name: string; salt: string; value: string }
export interface Verdict {
  genuine: boolean; fault?: string; holds?: "promise" | "proof"; log?: string;
  number?: string; at?: string; index?: number; treeSize?: number; opened?: string[]; cosignedBy?: string[];
}
/** A public key as its holder publishes it: `name+id+base64`. */
export interface VerifierKey { name: string; key: Buffer }

class Fault extends Error {}

const SIZE_MAX = 256 * 1024;
const NOTE_SIZE_MAX = 64 * 1024;
const LEAF_MAGIC = Buffer.from("serai-leaf\x01", "latin1");
const FIELD_DOMAIN = Buffer.from("serai-field\x01", "latin1");
const HEAD = LEAF_MAGIC.length + 2 + 8 + 8 + 1;

/** Never throws for what is in the receipt. receipt: the file's bytes. quorum: how many of the witnesses must have signed. */
export function verifyReceipt(
  receipt: Uint8Array, log: VerifierKey, openings: Opening[] = [], witnesses: VerifierKey[] = [], quorum = 0,
): Verdict {
  try {
    return check(Buffer.from(receipt), log, openings, witnesses, quorum);
  } catch (fault) {
    if (fault instanceof Fault) return { genuine: false, fault: fault.message };
    throw fault;
  }
}

export function readVerifierKey(line: string, algorithm = 1): VerifierKey {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line.trim()) ?? [];
  const data = name === undefined ? Buffer.alloc(0) : base64(encoded);
  if (data.length !== 33 || data[0] !== algorithm || !keyId(name, data).equals(Buffer.from(id, "hex")))
    throw new Fault("verifier-key-unreadable");
  return { name, key: data.subarray(1) };
}

function check(
  data: Buffer, log: VerifierKey, openings: Opening[], witnesses: VerifierKey[], quorum: number,
): Verdict {
  const { leaf: encoded, promise, proof } = readReceipt(data);
  const leaf = base64(encoded);
  const { text, place, path, size, root, origin, found } = promise ? readPromise(promise) : readProof(proof!);
  verifySignature(promise ? promise.note : proof!.checkpoint, text, origin, log.key);
  if (!leadsTo(root, leaf, BigInt(place), size, base64(path))) throw new Fault("path-wrong");
  if (origin !== log.name) throw new Fault("origin-differs");
  const cosignedBy = proof ? verifyCosignatures(proof.cosignatures ?? [], text, witnesses) : [];
  if (new Set(cosignedBy).size < quorum) throw new Fault("quorum-missing");
  const { number, at, commitments } = readLeaf(leaf);
  for (const opening of openings) {
    if (!commitments.some((one) => one.equals(commitmentOf(opening)))) throw new Fault("field-not-committed");
  }
  const opened = openings.map((one) => one.name);
  return { genuine: true, log: origin, number, at, opened, cosignedBy, ...found };
}

// ---- the file ----

interface PromisePart { position: number; path: string; note: string }
interface ProofPart { index: number; path: string; checkpoint: string; cosignatures?: string[] }
interface Receipt { leaf: string; promise?: PromisePart; proof?: ProofPart }

/** There is one spelling of a receipt: written again from what was read, it must be the same bytes. */
function readReceipt(data: Buffer): Receipt {
  if (data.length > SIZE_MAX) throw new Fault("receipt-unreadable");
  let tree: any;
  try {
    tree = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data));
  } catch {
    throw new Fault("receipt-unreadable");
  }
  const { format, leaf, promise, proof } = tree ?? {};
  const isWhole = format === "serai-receipt-1" && typeof leaf === "string" && !promise !== !proof
    && (promise ? isPart(promise, "position", "note") : isPart(proof, "index", "checkpoint"));
  if (!isWhole) throw new Fault("receipt-unreadable");
  const again = promise
    ? { format, leaf, promise: { position: promise.position, path: promise.path, note: promise.note } }
    : { format, leaf, proof: withCosignatures(proof) };
  if (!Buffer.from(JSON.stringify(again)).equals(data)) throw new Fault("receipt-not-canonical");
  return again;
}

function isPart(part: any, place: string, note: string): boolean {
  return Number.isSafeInteger(part[place]) && typeof part.path === "string" && typeof part[note] === "string"
    && (part.cosignatures === undefined
      || (Array.isArray(part.cosignatures) && part.cosignatures.every((one: unknown) => typeof one === "string")));
}

function withCosignatures({ index, path, checkpoint, cosignatures }: ProofPart): ProofPart {
  return cosignatures?.length ? { index, path, checkpoint, cosignatures } : { index, path, checkpoint };
}

// ---- signed notes ----

function readPromise(part: PromisePart) {
  const text = signedText(part.note);
  const lines = checkpointLines(text);
  const name = /^(\S+)\/promise\/(0|[1-9]\d{0,18})$/.exec(lines[0]);
  const isTimed = lines.length === 5 && isInstant("at ", lines[3]) && isInstant("integrate-by ", lines[4]);
  if (!name || !isTimed) throw new Fault("promise-unreadable");
  return {
    text, place: part.position, path: part.path, size: BigInt(lines[1]), root: base64(lines[2]),
    origin: name[1], found: { holds: "promise" as const },
  };
}

function readProof(part: ProofPart) {
  const text = signedText(part.checkpoint);
  const lines = checkpointLines(text);
  if (lines.length !== 3 || lines[0].includes("/promise/")) throw new Fault("checkpoint-not-plain");
  const found = { holds: "proof" as const, index: part.index, treeSize: Number(lines[1]) };
  return {
    text, place: part.index, path: part.path, size: BigInt(lines[1]), root: base64(lines[2]), origin: lines[0], found,
  };
}

function signedText(note: string): string {
  const end = note.lastIndexOf("\n\n");
  const lines = note.slice(end + 2).split("\n");
  const isNote = end > 0 && lines.pop() === "" && lines.length > 0 && [...note].length <= NOTE_SIZE_MAX;
  if (!isNote || !lines.every((line) => /^— \S+ [A-Za-z0-9+/]+={0,2}$/.test(line))) throw new Fault("note-unreadable");
  if (lines.length !== 1) throw new Fault("receipt-not-canonical");
  return note.slice(0, end + 1);
}

function checkpointLines(text: string): string[] {
  const lines = text.split("\n").slice(0, -1);
  const isPlain = lines.length >= 3 && lines.every(Boolean) && /^(0|[1-9]\d{0,18})$/.test(lines[1]);
  if (!isPlain || base64(lines[2]).length !== 32) throw new Fault("note-unreadable");
  return lines;
}

function isInstant(label: string, line: string): boolean {
  const [, text] = new RegExp(`^${label}(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z)$`).exec(line) ?? [];
  const at = text === undefined ? NaN : Date.parse(`${text.slice(0, 23)}Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 23) === text.slice(0, 23);
}

function verifySignature(note: string, text: string, origin: string, key: Buffer): void {
  const [, name, encoded] = /— (\S+) (\S+)\n$/.exec(note)!;
  // The key is published under the log's name; a promise is signed with it as well.
  const data = base64(encoded);
  const isMine = name === origin && data.subarray(0, 4).equals(keyId(origin, Buffer.concat([Buffer.of(1), key])));
  if (!isMine || !isSigned(text, data.subarray(4), key)) throw new Fault("signature-wrong");
}

function verifyCosignatures(lines: string[], text: string, witnesses: VerifierKey[]): string[] {
  const signedBy: string[] = [];
  for (const line of lines) {
    const [, name, encoded] = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
    const data = name === undefined ? Buffer.alloc(0) : base64(encoded);
    if (data.length !== 4 + 8 + 64) throw new Fault("note-unreadable");
    const witness = witnesses.find((one) => one.name === name);
    if (!witness) continue;
    const isMine = data.subarray(0, 4).equals(keyId(name, Buffer.concat([Buffer.of(4), witness.key])));
    const signed = `cosignature/v1\ntime ${data.readBigUInt64BE(4)}\n${text}`;
    if (!isMine || !isSigned(signed, data.subarray(12), witness.key)) throw new Fault("cosignature-wrong");
    signedBy.push(name);
  }
  return signedBy;
}

function isSigned(text: string, signature: Buffer, key: Buffer): boolean {
  const head = Buffer.from("302a300506032b6570032100", "hex");
  const publicKey = createPublicKey({ key: Buffer.concat([head, key]), format: "der", type: "spki" });
  return verify(null, Buffer.from(text), publicKey, signature);
}

function keyId(name: string, typeAndKey: Buffer): Buffer {
  return sha256(Buffer.from(`${name}\n`), typeAndKey).subarray(0, 4);
}

// ---- tree and leaf ----

/** RFC 9162, 2.1.3.2. */
function leadsTo(root: Buffer, leaf: Buffer, index: bigint, size: bigint, path: Buffer): boolean {
  if (path.length % 32 || index < 0n || index >= size) return false;
  let [place, last, hash] = [index, size - 1n, sha256(Buffer.of(0), leaf)];
  for (let at = 0; at < path.length; at += 32) {
    const sibling = path.subarray(at, at + 32);
    if (last === 0n) return false;
    if (place & 1n || place === last) {
      hash = sha256(Buffer.of(1), sibling, hash);
      for (; !(place & 1n) && place; place >>= 1n) last >>= 1n;
    } else {
      hash = sha256(Buffer.of(1), hash, sibling);
    }
    place >>= 1n;
    last >>= 1n;
  }
  return last === 0n && hash.equals(root);
}

function readLeaf(leaf: Buffer): { number: string; at: string; commitments: Buffer[] } {
  const count = leaf.length > HEAD ? leaf[HEAD - 1] : 0;
  const isWhole = leaf.subarray(0, LEAF_MAGIC.length).equals(LEAF_MAGIC) && count > 0 && count % 4 === 0;
  if (!isWhole || leaf.length !== HEAD + 32 * count) throw new Fault("leaf-unreadable");
  const at = new Date(Number(leaf.readBigInt64BE(21)));
  if (Number.isNaN(at.getTime())) throw new Fault("leaf-unreadable");
  const commitments = Array.from({ length: count }, (_, place) => leaf.subarray(HEAD + 32 * place, HEAD + 32 * place + 32));
  return { number: leaf.readBigInt64BE(13).toString(), at: at.toISOString(), commitments };
}

function commitmentOf({ name, salt, value }: Opening): Buffer {
  const [nameBytes, saltBytes] = [Buffer.from(name), Buffer.from(salt, "base64")];
  if (saltBytes.length !== 16 || !/^[\x00-\x7f]{1,255}$/.test(name)) throw new Fault("field-not-committed");
  return sha256(FIELD_DOMAIN, Buffer.of(nameBytes.length), nameBytes, saltBytes, Buffer.from(value, "base64"));
}

function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Standard base64 with padding, in its one spelling. */
function base64(text: string): Buffer {
  const data = Buffer.from(text, "base64");
  if (data.toString("base64") !== text) throw new Fault("base64-not-canonical");
  return data;
}
