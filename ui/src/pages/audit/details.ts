/** What is known of an action -> one line: `tasks load, report · downstream · comment "late"`. */
import { words } from "../../format";

export function detailsOf(details: { [name: string]: unknown }): string {
  return Object.entries(details)
    .map(([name, value]) => told(name, value))
    .filter((each) => each !== "")
    .join(" · ");
}

function told(name: string, value: unknown): string {
  if (value === null || value === undefined || value === false || value === "" || (Array.isArray(value) && value.length === 0)) {
    return "";
  }
  if (value === true) {
    return words(name);
  }
  if (Array.isArray(value)) {
    return `${words(name)} ${value.map(plain).join(", ")}`;
  }
  return `${words(name)} ${plain(value)}`;
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
