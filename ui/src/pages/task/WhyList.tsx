/** "Why is it not running?": the reasons in the order in which they are worth a look. */
import { useState } from "react";
import { Link } from "react-router";
import type { Why, WhyReason } from "../../api/schema";
import { words } from "../../format";
import { Empty } from "../../parts/Empty";
import { Time } from "../../parts/Time";
import { Said } from "../../parts/Said";
import "./why.css";

const SHOWN = 50;

/** What is at work is no reason to wait: it comes after those that are. */
const AT_WORK = "Running";

export function WhyList({ why, ns, run }: { why: Why; ns: string; run: string }) {
  const waits = why.reasons.filter((reason) => reason.code !== AT_WORK);
  const atWork = why.reasons.filter((reason) => reason.code === AT_WORK);
  if (why.reasons.length === 0) {
    return (
      <Empty title={why.running ? "It runs" : "Nothing holds it back"}>
        <p>{why.running ? "Nothing is waited for." : "It has ended, or the controller is about to go on with it."}</p>
      </Empty>
    );
  }
  return (
    <>
      {waits.length > 0 && <Reasons title="What is waited for" reasons={waits} {...{ ns, run }} mark={!why.running} />}
      {atWork.length > 0 && <Reasons title="What is at work" reasons={atWork} {...{ ns, run }} mark={false} />}
    </>
  );
}

function Reasons({ title, reasons, ns, run, mark }: { title: string; reasons: readonly WhyReason[]; ns: string; run: string; mark: boolean }) {
  const [whole, setWhole] = useState(false);
  const shown = whole ? reasons : reasons.slice(0, SHOWN);
  return (
    <section className="stack" aria-label={title}>
      <h2>{title}</h2>
      <ol className="why">
        {shown.map((reason, place) => (
          // oxlint-disable-next-line react/no-array-index-key
          <Reason key={place} reason={reason} {...{ ns, run }} isFirst={mark && place === 0} />
        ))}
      </ol>
      {shown.length < reasons.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {reasons.length.toLocaleString("en")}
        </button>
      )}
    </section>
  );
}

function Reason({ reason, ns, run, isFirst }: { reason: WhyReason; ns: string; run: string; isFirst: boolean }) {
  return (
    <li className="why-reason" data-first={isFirst}>
      <p className="why-text">
        {reason.task !== null && (
          <Link to={taskAddress(ns, run, reason.task)} className="cut why-task" title={reason.task}>
            {reason.task}
          </Link>
        )}
        <strong><Said text={reason.text} /></strong>
      </p>
      <p className="row small muted">
        <span className="tag">{words(reason.code)}</span>
        {reason.object !== null && <Thing thing={reason.object} {...{ ns, run }} />}
        {reason.since !== null && (
          <span>
            since <Time at={reason.since} /> (<Time at={reason.since} ago />)
          </span>
        )}
        {reason.until !== null && (
          <span>
            until <Time at={reason.until} /> (<Time at={reason.until} ago />)
          </span>
        )}
      </p>
      {reason.wayOn !== null && <p className="small">{reason.wayOn}</p>}
    </li>
  );
}

/** A link to what is named, where the UI has a page of it. */
function Thing({ thing, ns, run }: { thing: NonNullable<WhyReason["object"]>; ns: string; run: string }) {
  const { kind, namespace, name } = thing;
  const to: Record<string, string> = {
    Dag: `/dags/${namespace}/${encodeURIComponent(name)}/grid`,
    DagRun: `/runs/${namespace}/${encodeURIComponent(name)}`,
    Pool: `/pools?pool=${encodeURIComponent(`${namespace}/${name}`)}`,
    Task: taskAddress(ns, run, name),
  };
  const text = `${kind} ${name}`;
  const address = to[kind];
  return address === undefined ? (
    <span className="cut why-thing" title={`${namespace}/${name}`}>
      {text}
    </span>
  ) : (
    <Link to={address} className="cut why-thing" title={`${namespace}/${name}`}>
      {text}
    </Link>
  );
}

/** `load[3]` -> the page of instance 3 of task load. */
export function taskAddress(ns: string, run: string, instance: string): string {
  const found = /^(.*)\[(\d+)\]$/.exec(instance);
  const task = found?.[1] ?? instance;
  const place = `/runs/${encodeURIComponent(ns)}/${encodeURIComponent(run)}/tasks/${encodeURIComponent(task)}`;
  return found === null ? place : `${place}?index=${found[2]}`;
}
