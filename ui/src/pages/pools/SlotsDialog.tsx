import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { api, data } from "../../api/client";
import { useAct } from "../../api/hooks";
import type { Problem } from "../../api/problem";
import type { Done, PoolLine } from "../../api/schema";
import { count } from "../../format";
import { Command } from "../../parts/Command";
import { Confirm } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { ProblemNote } from "../../parts/Problem";
import { slotsOf } from "./slots";

const ADDRESS = "/api/v1/namespaces/{namespace}/pools/{pool}/slots";

/** Give a pool another size: what that means, and the patch that does it. */
export function SlotsDialog({ pool, onClose }: { pool: PoolLine; onClose: () => void }) {
  const [typed, setTyped] = useState(String(pool.slots));
  const slots = slotsOf(typed);
  const asked = useDeferredValue(slots);
  const path = { namespace: pool.namespace, pool: pool.name };
  const version = pool.resourceVersion === null ? {} : { resourceVersion: String(pool.resourceVersion) };
  const preview = useQuery<Done, Problem>({
    queryKey: ["slots", path, asked],
    queryFn: ({ signal }) => data<Done>(api.PUT(ADDRESS, { params: { path }, body: { slots: asked ?? 0, dryRun: true }, signal })),
    enabled: asked !== null && asked !== pool.slots,
    gcTime: 0,
    meta: { about: [] },
    retry: false,
  });
  const act = useAct<number, Done>({
    call: (wanted) => api.PUT(ADDRESS, { params: { path }, body: { slots: wanted, ...version } }),
    done: (_, wanted) => `Pool ${pool.name} has ${wanted < 0 ? "no limit" : `${wanted.toLocaleString("en")} slots`} now`,
    quiet: true,
  });
  return (
    <Confirm
      title={`Slots of pool ${pool.name}`}
      verb="Save"
      onConfirm={() => slots !== null && act.mutate(slots, { onSuccess: onClose })}
      onClose={onClose}
      busy={act.isPending}
      disabled={slots === null || slots === pool.slots || preview.error !== null}
    >
      <Field
        label="Slots"
        hint="-1 is without limit; with 0 nothing starts. Tasks at work go on in any case."
        error={slots === null ? "Write a whole number from -1 to 1,000,000" : (act.error ?? preview.error)?.about("/slots")}
      >
        {(attributes) => (
          <input {...attributes} data-first-focus type="text" inputMode="numeric" value={typed} onChange={(event) => setTyped(event.target.value)} />
        )}
      </Field>
      {slots !== null && <p className="muted">{meaning(pool, slots)}</p>}
      <ProblemNote error={act.error ?? preview.error} />
      {preview.data !== undefined && <Command line={preview.data.command} />}
    </Confirm>
  );
}

function meaning(pool: PoolLine, slots: number): string {
  const used = `${count(pool.used, "slot is", "slots are")} used`;
  const waits = count(pool.queued, "task waits", "tasks wait");
  if (slots === pool.slots) {
    return `${used} of ${pool.slots < 0 ? "no limit" : pool.slots}, ${waits}.`;
  }
  if (slots < 0) {
    return `Nothing waits for this pool any more; ${waits} now.`;
  }
  if (slots < pool.used) {
    return `${used}: nothing starts until ${pool.used - slots} of these are free.`;
  }
  return `${used}: ${slots - pool.used} are free at once, ${waits}.`;
}
