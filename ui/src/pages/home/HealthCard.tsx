import { useHealth } from "../../api/hooks";
import type { Health } from "../../api/schema";
import { duration } from "../../format";
import { State } from "../../parts/State";
import { Time } from "../../parts/Time";

/** How the parts of Slipway are. */
export function HealthCard() {
  const { data: health } = useHealth();
  return (
    <section className="card stack">
      <h2>Health</h2>
      {health === undefined ? <p className="muted">Not known yet.</p> : <Parts health={health} />}
    </section>
  );
}

function Parts({ health: { controller, metastore, version } }: { health: Health }) {
  return (
    <dl className="home-health">
      <dt>Controller</dt>
      <dd>
        {controller.ready ? (
          <State value="Ready" />
        ) : (
          <State value="NotReady" word={controller.alive ? "starting" : "silent"} />
        )}{" "}
        <span className="muted small">
          {controller.beatAt ? (
            <>
              last heard <Time at={controller.beatAt} ago />
            </>
          ) : (
            "never heard"
          )}
        </span>
      </dd>
      <dt>Database</dt>
      <dd>{metastore.answers ? <State value="Ready" word="answers" /> : <State value="NotReady" word="does not answer" />}</dd>
      <dt>Behind by</dt>
      <dd>
        {controller.lagSeconds === null ? "–" : duration(controller.lagSeconds)}
        {controller.pending ? <span className="muted small"> ({controller.pending} to write)</span> : null}
      </dd>
      <dt>Version</dt>
      <dd>{version}</dd>
    </dl>
  );
}
