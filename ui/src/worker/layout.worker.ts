import { laidOut, type Laid, type LayoutInput } from "./layout";

export type Question = { id: number; input: LayoutInput };
export type Reply = { id: number; laid?: Laid; fault?: string };

addEventListener("message", (event: MessageEvent<Question>) => {
  const { id, input } = event.data;
  let reply: Reply;
  try {
    reply = { id, laid: laidOut(input) };
  } catch (error) {
    reply = { id, fault: error instanceof Error ? error.message : String(error) };
  }
  postMessage(reply);
});
