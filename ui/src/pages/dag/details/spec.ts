/** The spec as it was written -> what is worth a line of its own. It is a user's text: anything may be missing. */
import { words } from "../../../format";

export type Spec = Readonly<Record<string, unknown>>;
export type Param = { name: string; type: string; byDefault: string | undefined; about: string };

export function paramsOf(spec: Spec): readonly Param[] {
  return Object.entries(objectOf(spec["params"])).map(([name, written]) => {
    const schema = objectOf(written);
    const choices = Array.isArray(schema["enum"]) ? schema["enum"].map(String).join(" | ") : undefined;
    return {
      name,
      type: choices ?? textOf(schema["type"]) ?? "any",
      byDefault: "default" in schema ? JSON.stringify(schema["default"]) : undefined,
      about: textOf(schema["description"]) ?? textOf(schema["title"]) ?? "",
    };
  });
}

/** What is under `concurrency`, times that end runs, how long these are kept, deadlines and alerts, by name. */
export function limitsOf(spec: Spec): readonly (readonly [string, string])[] {
  const own = Object.entries(objectOf(spec["concurrency"]));
  const times = ["runTimeout", "pauseAfterFailedRuns", "failFast"].flatMap((name) => (name in spec ? [[name, spec[name]] as const] : []));
  const kept = Object.entries(objectOf(spec["retention"])).flatMap(([of, limits]) =>
    Object.entries(objectOf(limits)).map(([name, value]) => [`retention of ${of}, ${name}`, value] as const),
  );
  const told = ["deadlines", "alerts"].flatMap((name) => {
    const names = listOf(spec[name]).map((each) => textOf(objectOf(each)["name"]) ?? "");
    return names.length === 0 ? [] : [[name, names.join(", ")] as const];
  });
  return [...own, ...times, ...kept, ...told].map(([name, value]) => [words(name), textOf(value) ?? JSON.stringify(value)]);
}

/** The zone whose clock the schedule goes by. */
export function zoneOf(spec: Spec | undefined): string {
  return spec === undefined ? "" : (textOf(objectOf(spec["schedule"])["timezone"]) ?? "UTC");
}

function objectOf(value: unknown): Spec {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Spec) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}
