// Files a parcel and reads what changed.
//   SERAI_URL=http://127.0.0.1:8000 SERAI_KEY=serai_... node example.mts FILE.json    (Node 23.6 or later)
import { readFileSync } from "node:fs";
import { Serai } from "./serai.mts";

const serai = new Serai(process.env.SERAI_URL!, process.env.SERAI_KEY!);
const answer = await serai.submit(JSON.parse(readFileSync(process.argv[2], "utf8")) as Record<string, unknown>);
console.log(answer.reference, answer.status, answer.case_id);
const { events } = await serai.events(undefined, 5);
console.log("events:", events.map((event) => event.kind).join(" "));
