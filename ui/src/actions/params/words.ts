/** Values of params -> the words of a command line that give them as the types they have. */
import type { Json, ParamField } from "./fields";
import type { Values } from "./values";

export function paramWords(values: Values, fields: readonly ParamField[]): string[] {
  const byName = new Map(fields.map((field) => [field.name, field]));
  return Object.entries(values).flatMap(([name, value]) => ["-p", `${name}=${paramText(value, byName.get(name))}`]);
}

/** A text stays one where the schema wants it or where it is no JSON. */
function paramText(value: Json, field: ParamField | undefined): string {
  if (typeof value !== "string" || (field?.schema["type"] !== "string" && isJson(value))) {
    return JSON.stringify(value);
  }
  return value;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
