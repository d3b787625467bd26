// A small client of Serai: fetch and node:crypto, no dependencies.
import { createHmac, timingSafeEqual } from "node:crypto";

export interface Finding { code: string; pointer: string; severity: string; sentence: string; remedy?: string }
export interface Answer {
  status: string; reference: string; case_id?: string; version?: number;
  decision?: Record<string, unknown>; findings?: Finding[];
}
export interface SeraiEvent { event_id: string; kind: string; case_id: string; at: string; decision_id?: string }

const AGAIN = new Set([408, 429, 502, 503, 504]);
const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

export class Serai {
  readonly #address: string;
  readonly #key: string;
  readonly #tries: number;

  constructor(address: string, key: string, tries = 6) {
    this.#address = address;
    this.#key = key;
    this.#tries = tries;
  }

  /** File one consignment: decided and durable when it returns, or its faults. */
  async submit(document: Record<string, unknown>): Promise<Answer> {
    const reply = await this.call("POST", "/v1/declarations", JSON.stringify(document), "application/json");
    const told = await reply.json() as Answer & { outcome?: string; code?: string; detail?: string };
    if (reply.ok) return told;
    if (told.outcome) return { ...told, status: told.outcome };
    throw new Error(`${told.code}: ${told.detail}`);
  }

  /** The events after a cursor. Keep next_after and come back with it; the same event may come twice. */
  async events(after?: string, waitSeconds = 0): Promise<{ events: SeraiEvent[]; next_after: string }> {
    const query = new URLSearchParams({ wait_s: String(waitSeconds), ...(after ? { after } : {}) });
    const reply = await this.call("GET", `/v1/events?${query}`);
    if (!reply.ok) throw new Error(await reply.text());
    return await reply.json() as { events: SeraiEvent[]; next_after: string };
  }

  private async call(method: string, path: string, body?: string, type?: string): Promise<Response> {
    for (let failures = 1; ; failures++) {
      let wait = 0.25 * 2 ** (failures - 1) * (0.5 + Math.random() / 2);
      try {
        const headers = { authorization: `Bearer ${this.#key}`, accept: "application/json", ...(type ? { "content-type": type } : {}) };
        const reply = await fetch(this.#address + path, { method, body, headers });
        if (!AGAIN.has(reply.status) || failures >= this.#tries) return reply;
        wait = Math.max(wait, Math.min(Number(reply.headers.get("retry-after")) || 0, 60));
      } catch (fault) {
        if (failures >= this.#tries) throw fault; // a repeat is harmless, so try again before
      }
      await pause(wait);
    }
  }
}

/** The event of a webhook (Standard Webhooks), or an error if it is not genuine. body: as it came. */
export function readWebhook(secret: string, headers: Record<string, string>, body: string, at = Date.now()): SeraiEvent {
  const id = headers["webhook-id"], timestamp = headers["webhook-timestamp"];
  const given = (headers["webhook-signature"] ?? "").split(" ");
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
  const isSigned = given.some((one) => {
    const [version, text] = one.split(",");
    const signature = Buffer.from(text ?? "", "base64");
    return version === "v1" && signature.length === expected.length && timingSafeEqual(signature, expected);
  });
  if (!isSigned || !(Math.abs(at / 1000 - Number(timestamp)) <= 300)) throw new Error("webhook-not-genuine");
  return (JSON.parse(body) as { data: SeraiEvent }).data;
}
