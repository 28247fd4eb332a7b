import type { PlanCounts } from "../../api/schema";

const FIGURES: readonly (readonly [Exclude<keyof PlanCounts, "total">, string, string])[] = [
  ["create", "to create", "They have no run yet: one is made"],
  ["reprocess", "to run again", "Their run has ended and is cleared"],
  ["exists", "left as they are", "Their run has ended and stays"],
  ["inFlight", "under way", "Their run has not ended and is left alone"],
];

/** What becomes of the intervals, in numbers. */
export function PlanFigures({ plan }: { plan: PlanCounts }) {
  return (
    <dl className="plan-figures">
      <Figure number={plan.total ?? 0} words="intervals" />
      {FIGURES.map(([name, words, meaning]) => (
        <Figure key={name} number={plan[name] ?? 0} words={words} title={meaning} />
      ))}
    </dl>
  );
}

function Figure({ number, words, title }: { number: number; words: string; title?: string }) {
  return (
    <div className="plan-figure" title={title} data-none={number === 0}>
      <dt>{words}</dt>
      <dd>{number.toLocaleString("en")}</dd>
    </div>
  );
}
