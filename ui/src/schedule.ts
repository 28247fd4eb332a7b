/** A schedule's line, as a Dag's status has it -> words. */
import cronstrue from "cronstrue";

const PRESETS: Record<string, string> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@quarterly": "0 0 1 */3 *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};
const FIVE_FIELDS = /^([\d*][\w*,/#-]*)( [\w*?,/#-]+){4}$/;

/** `0 6 * * *` -> `At 06:00`, `@daily or orders` -> `At 00:00, or orders`; what is no cron text stays as it is. */
export function scheduleWords(line: string): string {
  const [times = "", ...assets] = line.trim().split(" or ");
  const told = cronWords(times);
  return told === undefined ? line : [told, ...assets].join(", or ");
}

function cronWords(text: string): string | undefined {
  const cron = PRESETS[text] ?? text;
  if (!FIVE_FIELDS.test(cron)) {
    return undefined;
  }
  try {
    return cronstrue.toString(cron, { use24HourTimeFormat: true });
  } catch {
    return undefined;
  }
}
