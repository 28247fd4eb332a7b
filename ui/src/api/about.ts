/** The rows that a query shows, and whether a batch of changes has any of them. */
export type Place = { namespace?: string | undefined; dag?: string | undefined; run?: string | undefined };

/** Rows of these tables, narrowed to a namespace, a Dag or a run; a table is one of the event stream's words. */
export type About = Place & { tables: readonly string[] };

/** The rows of one event, by table. */
export type Changes = Readonly<Record<string, readonly (readonly unknown[])[]>>;

const PLACES: Record<string, readonly (keyof Place)[]> = {
  dags: ["namespace", "dag"],
  runs: ["namespace", "dag", "run"],
  tasks: ["namespace", "dag", "run"],
};
const ELSE: readonly (keyof Place)[] = ["namespace"];

/** Say what a query shows: `about(["runs"], { namespace, dag })`. */
export function about(tables: readonly string[], place: Place = {}): About {
  return { tables, ...place };
}

/** Whether something that is shown has changed. */
export function touches(changes: Changes, shown: readonly About[]): boolean {
  return shown.some((each) => each.tables.some((table) => (changes[table] ?? []).some((row) => fits(table, row, each))));
}

function fits(table: string, row: readonly unknown[], shown: About): boolean {
  const places = PLACES[table] ?? ELSE;
  return places.every((word, place) => shown[word] === undefined || shown[word] === row[place]);
}
