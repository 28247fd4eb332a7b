import { asProblem } from "../api/problem";

const LOOKS = 12;
const LOOK_MS = 250;
const MISSING = 404;

/** Wait, for three seconds at most, until what was just created can be read: the database has it a moment later. */
export async function untilSeen(look: () => Promise<unknown>): Promise<void> {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    try {
      // One look after the other, until it is there.
      // oxlint-disable-next-line no-await-in-loop
      await look();
      return;
    } catch (error) {
      if (asProblem(error).status !== MISSING) {
        return;
      }
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
