/** What of a Dag is looked at beside its picture. */
export type Chosen = { run?: string | undefined; task?: string | undefined; group?: string | undefined; index?: string | undefined };
